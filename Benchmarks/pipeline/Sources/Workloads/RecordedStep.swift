import PipelineRuntime
import LibTorch
import PipelineSchedules
import PipelineTraining
import SchedulePlanning
import Timelines

/// The executor of a rank with a recorder, as in training.
final class RecordedStep {
    private let executor: StepExecutor
    private let recorder: SpanRecorder
    private let actions: Int

    init(
        _ schedule: Schedule, rank: Int, kernels: [Int: any PipelineStage], group: TimedGroup?, shape: [Int],
        recorder: SpanRecorder
    ) throws {
        self.recorder = recorder
        actions = schedule.rows[rank].reduce(0) { $0 + $1.actionCount }
        executor = try StepExecutor(
            program: RankProgram(schedule, rank: rank), kernels: kernels, group: group, streams: RankStreams(),
            boundary: (shape, .float32), recorder: recorder)
    }

    /// Plans the overlap with the costs that the kernels state.
    func plan() {
        executor.overlapPlans = executor.patterns.map { pattern in
            pattern.problem.hasExchanges ? OverlapPlanner().plan(pattern.problem).plan : .sequential(pattern.problem)
        }
    }

    /// The spans since the last call of ``conclude(_:)``.
    var timeline: Timeline { recorder.timeline }

    func run() throws { try executor.run() }

    func conclude(_ answer: inout StepAnswer) {
        let timeline = recorder.timeline
        recorder.clear()
        let waited = timeline.spans.reduce(into: Int64(0)) { sum, span in
            if timeline.event(of: span).activity == .wait { sum += span.duration }
        }
        answer.waits.append(Double(waited) / 1e9)
        answer.actions = actions
    }
}
