import LibTorch
import PipelineRuntime
import PipelineSchedules
import SchedulePlanning

/// A rank's row of a schedule, run by the executor of training.
final class PairRow {
    private let model: PairModel
    private let stages: [SegmentStage]
    private let executor: StepExecutor
    private let recorder: SpanRecorder

    init(
        _ model: PairModel, _ dispatcher: TokenDispatcher, _ streams: RankStreams, _ recorder: SpanRecorder,
        microbatches: Int, overlaps: Bool
    ) throws {
        self.model = model
        self.recorder = recorder
        let kernels = try [0, 1].reduce(into: [:]) { kernels, stage in
            kernels[stage] = SegmentStage(
                graph: try model.graph(ofStage: stage), stage: stage, exchange: dispatcher, recorder: recorder,
                observe: { _, _ in })
        }
        stages = Array(kernels.values)
        executor = try StepExecutor(
            program: RankProgram(PairModel.schedule(microbatches: microbatches), rank: 0), kernels: kernels, group: nil,
            streams: streams, boundary: model.boundary, recorder: recorder)
        if !overlaps { executor.overlapPlans = executor.patterns.map { .sequential($0.problem) } }
    }

    /// Runs the row, and returns its seconds until the device has finished.
    func seconds() throws -> Double {
        recorder.clear()
        for stage in stages { stage.begin(model.batch, runsBackward: true) }
        let start = Clock.now()
        try executor.run()
        try recorder.close()
        try model.waitForGradients()
        let end = Clock.now()
        try recorder.finish()
        return Double(end - start) / 1e9
    }

    /// Plans the overlap with the costs of the last run, as training does.
    func plan() throws {
        let costs = MeasuredCosts(executor.patterns, recorder.timeline)
        executor.overlapPlans = try zip(executor.patterns, executor.overlapPlans).map {
            try costs.plan($0, improvingOn: $1)
        }
    }
}
