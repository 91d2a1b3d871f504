import PipelineRuntime
import LibTorch
import PipelineSchedules
import PipelineTraining
import Timelines

/// Emulated layers under the true schedule, overlap planner, executor and transport between stages.
final class LayerWorkload: Workload {
    private let step: RecordedStep

    init(
        _ subject: StepRequest.Subject, _ costs: LayerCosts, _ schedule: Schedule, rank: Int, group: TimedGroup?
    ) throws {
        let value = try Tensor.zeros(subject.shape, .float32)
        let recorder = SpanRecorder(rank: rank)
        let device = EmulatedDevice()
        var kernels: [Int: any PipelineStage] = [:]
        for stage in schedule.stages(ofRank: rank) {
            let chain = schedule.chains[schedule.chainIndex(ofStage: stage) ?? 0]
            kernels[stage] = EmulatedLayers(
                costs, device: device, recorder: recorder,
                output: stage == chain.stages.upperBound - 1 ? nil : value,
                inputGradient: stage == chain.stages.lowerBound ? nil : value)
        }
        step = try RecordedStep(
            schedule, rank: rank, kernels: kernels, group: group, shape: subject.shape, recorder: recorder)
        step.plan()
    }

    func prepare() {}

    func run() throws { try step.run() }

    func conclude(_ answer: inout StepAnswer) {
        let timeline = step.timeline
        func intervals(_ lane: RecordingLane) -> IntervalSet {
            IntervalSet(
                timeline.spans.lazy.filter { timeline.lanes[Int($0.lane)].name == lane.rawValue }.map(\.interval))
        }
        let actions = timeline.spans.filter { timeline.lanes[Int($0.lane)].name == RecordingLane.actions.rawValue }
        let pairs = IntervalSet(
            zip(actions, actions.dropFirst()).lazy.filter { $0.interval == $1.interval }.map(\.0.interval))
        let exchanged = intervals(.forwardExchanges).intersection(pairs)
        answer.exchanged += exchanged.length
        answer.hidden += exchanged.intersection(intervals(.segments)).length
        step.conclude(&answer)
    }
}
