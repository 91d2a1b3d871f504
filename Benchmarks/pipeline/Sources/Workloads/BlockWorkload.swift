import PipelineRuntime
import DistributedRuntime
import LibTorch
import MoEModels
import PipelineSchedules
import PipelineTraining

/// Blocks that compute, with the segments, executor and gradient buckets of training.
final class BlockWorkload: Workload {
    private let stages: [SegmentStage]
    private let step: RecordedStep
    private let gradients: Tensor
    private let batch: StageBatch
    private let mirrored: ProcessGroup?

    init(_ subject: StepRequest.Subject, _ schedule: Schedule, rank: Int, group: TimedGroup?) throws {
        let width = subject.shape.last ?? 1
        let stageCount = schedule.chains[0].stages.count
        let blocksOfStage = (subject.blocks ?? 0) / stageCount
        // In the order of the model, as on the mirrored rank, so that the flat gradients correspond.
        let own = schedule.stages(ofRank: rank).sorted { $0 % stageCount < $1 % stageCount }
        let blocks = try (0..<own.count * blocksOfStage).map { _ in
            try BlockStage.Block(up: [4 * width, width], down: [width, 4 * width])
        }
        gradients = try Self.gatherGradients(of: blocks.flatMap { [$0.up, $0.down] })
        let recorder = SpanRecorder(rank: rank)
        let exchange = TokenDispatcher(
            group: nil, countsGroup: nil, share: ParameterSet.ExpertShare(index: 0, count: 1))
        var kernels: [Int: SegmentStage] = [:]
        for (index, stage) in own.enumerated() {
            let graph = BlockStage.graph(
                blocks[index * blocksOfStage..<(index + 1) * blocksOfStage], isFirst: stage % stageCount == 0,
                isLast: stage % stageCount == stageCount - 1)
            kernels[stage] = SegmentStage(
                graph: graph, stage: stage, exchange: exchange, recorder: recorder, observe: { _, _ in })
        }
        stages = Array(kernels.values)
        step = try RecordedStep(
            schedule, rank: rank, kernels: kernels, group: group, shape: subject.shape, recorder: recorder)
        let data = [
            try Tensor.normal(subject.shape, .float32, seed: 2), try Tensor.normal(subject.shape, .float32, seed: 3),
        ]
        batch = StageBatch(counts: []) { _ in data }
        mirrored = schedule.chains.count > 1 ? group?.group : nil
    }

    func prepare() throws { try gradients.setToZero() }

    func run() throws {
        for stage in stages { stage.begin(batch, runsBackward: true) }
        try step.run()
    }

    func conclude(_ answer: inout StepAnswer) throws {
        step.conclude(&answer)
        guard let mirrored else { return }
        try mirrored.barrier()
        let start = Clock.now()
        try mirrored.allReduce(gradients).wait()
        answer.reductions.append(Double(Clock.now() - start) / 1e9)
    }

    /// Makes the weights' gradients views of one flat tensor, as in training.
    private static func gatherGradients(of weights: [Tensor]) throws -> Tensor {
        let flat = try Tensor.zeros([weights.reduce(0) { $0 + $1.elementCount }], .float32)
        var start = 0
        for weight in weights {
            let end = start + weight.elementCount
            try weight.setGradient(flat.narrowed(0, start..<end).reshaped(weight.shape))
            start = end
        }
        return flat
    }
}
