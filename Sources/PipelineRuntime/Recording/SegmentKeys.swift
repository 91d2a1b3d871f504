import MoEModels
import Timelines

/// The keys under which the segments of a stage are recorded for one micro-batch.
package struct SegmentKeys {
    /// The key of a segment's span and, for an exchange, the key of the time spent waiting for it.
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
        func event(_ segment: Segment, _ pass: Pass) -> SegmentEvent {
            SegmentEvent(segment.name, pass, stage: stage, microbatch: microbatch)
        }
        func keys(_ segment: Segment, _ pass: Pass) -> Keys {
            let event = event(segment, pass)
            switch segment.work {
            case .compute: return Keys(extent: recorder.key(.segments, .segment(event)), wait: nil)
            case .exchange(let exchange):
                let kind = ExchangeKind(exchange)
                let lane: RecordingLane = pass == .forward ? .forwardExchanges : .backwardExchanges
                return Keys(
                    extent: recorder.key(lane, .exchange(event, kind)),
                    wait: recorder.key(.exchangeWaits, .wait(.exchange(event, kind))))
            }
        }
        forward = graph.segments.map { keys($0, .forward) }
        backward = graph.segments.map { keys($0, .backward) }
        weights = graph.segments.map { recorder.key(.segments, .segment(event($0, .weight))) }
    }
}

extension ExchangeKind {
    fileprivate init(_ exchange: Segment.Exchange) {
        self =
            switch exchange {
            case .counts: .counts
            case .dispatch: .dispatch
            case .combine: .combine
            case .fetch: .fetch
            }
    }
}
