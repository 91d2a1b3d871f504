import MoEModels
import Timelines

/// Where and under which keys a stage's segments of one micro-batch are recorded.
struct SegmentLabels {
    let recorder: SpanRecorder
    let forward: [SpanRecorder.Key]
    let backward: [SpanRecorder.Key]
    let weights: SpanRecorder.Key
    let wait: SpanRecorder.Key

    init(graph: SegmentGraph, stage: Int, microbatch: Int, recorder: SpanRecorder) {
        self.recorder = recorder
        func key(_ name: String, _ activity: ActivityClass) -> SpanRecorder.Key {
            recorder.key(
                lane: "segments",
                TimelineLabel(name: name, activity: activity, stage: stage, microbatch: microbatch))
        }
        forward = graph.segments.map { key("\($0.name) F", .compute) }
        backward = graph.segments.map { key("\($0.name) B", .compute) }
        weights = key("weight gradients", .compute)
        wait = key("exchange", .wait)
    }
}
