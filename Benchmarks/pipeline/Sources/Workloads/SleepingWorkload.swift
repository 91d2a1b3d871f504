import PipelineRuntime
import LibTorch
import PipelineSchedules
import PipelineTraining

/// Stages on an emulated device, under the true schedule, executor and transport.
final class SleepingWorkload: Workload {
    private let stages: [EmulatedStage]
    private let step: RecordedStep

    init(_ subject: StepRequest.Subject, _ schedule: Schedule, rank: Int, group: TimedGroup?) throws {
        let blocksOfStage = (subject.blocks ?? 0) / schedule.chains[0].stages.count
        let kernel = (subject.kernel ?? 0) * Int64(blocksOfStage)
        let value = try Tensor.zeros(subject.shape, .float32)
        var kernels: [Int: EmulatedStage] = [:]
        for stage in schedule.stages(ofRank: rank) {
            let chain = schedule.chains[schedule.chainIndex(ofStage: stage) ?? 0]
            kernels[stage] = EmulatedStage(
                kernel: kernel, output: stage == chain.stages.upperBound - 1 ? nil : value,
                inputGradient: stage == chain.stages.lowerBound ? nil : value)
        }
        stages = Array(kernels.values)
        step = try RecordedStep(
            schedule, rank: rank, kernels: kernels, group: group, shape: subject.shape,
            recorder: SpanRecorder(rank: rank))
    }

    func prepare() {
        for stage in stages { stage.sleep = EmulatedStage.Sleep() }
    }

    func run() throws { try step.run() }

    func conclude(_ answer: inout StepAnswer) {
        for stage in stages {
            answer.asked += stage.sleep.asked
            answer.taken += stage.sleep.taken
        }
        step.conclude(&answer)
    }
}
