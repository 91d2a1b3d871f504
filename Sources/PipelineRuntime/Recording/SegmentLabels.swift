import MoEModels
import Timelines

/// Where and under which keys a stage's segments of one micro-batch are recorded.
struct SegmentLabels {
    /// A segment's own extent and, for an exchange, the time in which it is waited for; the wait's kind is its cause.
    struct Keys {
        let extent: SpanRecorder.Key
        let wait: SpanRecorder.Key?
    }

    let recorder: SpanRecorder
    let forward: [Keys]
    let backward: [Keys]
    let weights: [SpanRecorder.Key]

    init(graph: SegmentGraph, stage: Int, microbatch: Int, recorder: SpanRecorder) {
        self.recorder = recorder
        func key(
            _ lane: RecordingLane, _ name: String, _ activity: ActivityClass, kind: Int? = nil
        ) -> SpanRecorder.Key {
            recorder.key(
                lane,
                TimelineLabel(name: name, activity: activity, stage: stage, microbatch: microbatch, kind: kind))
        }
        func keys(_ segment: Segment, isForward: Bool) -> Keys {
            let name = "\(segment.name) \(isForward ? "F" : "B")"
            switch segment.work {
            case .compute:
                return Keys(extent: key(.segments, name, .compute), wait: nil)
            case .exchange(let exchange):
                let cause = ExposureCause(exchange, isForward: isForward)
                return Keys(
                    extent: key(isForward ? .forwardExchanges : .backwardExchanges, name, .communication),
                    wait: key(.exchangeWaits, name, .wait, kind: cause.rawValue))
            }
        }
        forward = graph.segments.map { keys($0, isForward: true) }
        backward = graph.segments.map { keys($0, isForward: false) }
        weights = graph.segments.map { key(.segments, "\($0.name) W", .compute) }
    }
}

extension ExposureCause {
    fileprivate init(_ exchange: Segment.Exchange, isForward: Bool) {
        self =
            switch exchange {
            case .counts: .counts
            case .dispatch: isForward ? .dispatchForward : .dispatchBackward
            case .combine: isForward ? .combineForward : .combineBackward
            }
    }
}
