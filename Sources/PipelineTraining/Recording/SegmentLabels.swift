import MoEModels
import Timelines

/// Where and under which keys a stage's segments of one micro-batch are recorded.
struct SegmentLabels {
    /// A segment's own extent and, for an exchange, the time in which it is waited for.
    struct Keys {
        let extent: SpanRecorder.Key
        let wait: SpanRecorder.Key
    }

    let recorder: SpanRecorder
    let forward: [Keys]
    let backward: [Keys]
    let weights: [SpanRecorder.Key]

    init(graph: SegmentGraph, stage: Int, microbatch: Int, recorder: SpanRecorder) {
        self.recorder = recorder
        func key(_ lane: RecordingLane, _ name: String, _ activity: ActivityClass) -> SpanRecorder.Key {
            recorder.key(
                lane, TimelineLabel(name: name, activity: activity, stage: stage, microbatch: microbatch))
        }
        func keys(_ segment: Segment, _ direction: String, _ exchanges: RecordingLane) -> Keys {
            let name = "\(segment.name) \(direction)"
            let wait = key(.exchangeWaits, name, .wait)
            return switch segment.work {
            case .compute: Keys(extent: key(.segments, name, .compute), wait: wait)
            case .exchange: Keys(extent: key(exchanges, name, .communication), wait: wait)
            }
        }
        forward = graph.segments.map { keys($0, "F", .forwardExchanges) }
        backward = graph.segments.map { keys($0, "B", .backwardExchanges) }
        weights = graph.segments.map { key(.segments, "\($0.name) W", .compute) }
    }
}
