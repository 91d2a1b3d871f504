import PipelineRuntime
import DistributedRuntime
import LibTorch
import MoEModels
import PipelineSchedules
import PipelineTraining
import Testing
import TrainingRecipes

/// Measured memory of ranks.
@Suite("Memory", .serialized) struct MemoryTests {
    static let model = BlockModel(blocks: 128, elementType: .float32)

    /// Returns the number of bytes that a stage keeps per micro-batch: between its forward and its backward or, if that
    /// is more, between I and W.
    private static func bytesKept(stageCount: Int) throws -> Int {
        var set = ParameterSet(share: ParameterSet.ExpertShare(index: 0, count: 1))
        for specification in model.parameters(ofStage: 1, of: stageCount) {
            set.add(
                specification.name,
                try specification.startingValues(seed: 1, share: set.share, type: .float32).leaf())
        }
        let stage = SegmentStage(
            graph: try model.graph(ofStage: 1, of: stageCount, parameters: set), stage: 1,
            exchange: TokenDispatcher(group: nil, countsGroup: nil, share: set.share)
        ) { _, _ in }
        stage.begin(StageBatch(counts: [1]) { _ in [try .zeros([1], .float32)] }, runsBackward: true)
        func run(_ kind: ActionKind) throws {
            let action = try stage.start(Action(kind, stage: 1, microbatch: 0), input: boundary())
            for _ in 0..<stage.segments(of: kind).count { try action.advance() }
            _ = try action.result()
        }
        func boundary() throws -> Tensor { try .zeros(model.boundaryShape(samples: 1), .float32) }
        let before = TensorMemory.live
        try run(.forward)
        let kept = TensorMemory.live - before
        try run(.inputGradient)
        return max(kept, TensorMemory.live - before)
    }

    @Test(
        "A rank's peak of activations is at most 1.1 times the peak that the validator computes",
        arguments: BuiltInSchedule.allCases)
    func peaks(kind: BuiltInSchedule) throws {
        let grid = DeviceMesh(pipeline: 4, experts: 1)
        let schedule = try kind.build(ranks: 4, microbatches: 16)
        let peaks = try schedule.validate().peakActivations
        let measured = try World(grid).run { place in
            try TensorMemory.startCounting()
            let kept = try Self.bytesKept(stageCount: schedule.chains[0].stages.count)
            let trainer = try Trainer(
                model: Self.model, schedule: schedule, grid: grid, place: place, samples: 16)
            let batches = trainer.batches(counts: [16]) { samples in
                [try .full([samples.count, Self.model.rows, Self.model.width], .float32, 1)]
            }
            _ = try trainer.computeGradients(batches)
            let before = TensorMemory.live
            TensorMemory.resetPeak()
            _ = try trainer.computeGradients(batches)
            return Double(TensorMemory.peak - before) / Double(kept)
        }
        #expect(measured.count == 4 && peaks.count == 4)
        for (rank, (peak, units)) in zip(peaks, measured).enumerated() {
            #expect(units > 0, "rank \(rank) keeps nothing")
            #expect(units <= 1.1 * Double(peak), "rank \(rank): \(units) micro-batches, planned \(peak)")
        }
    }

    @Test("Each mode of recomputation takes less memory: full has the same bits, selective the same gradients")
    func recomputation() throws {
        var peaks: [Int] = []
        var gradients: [[Double]] = []
        for mode in Recipe.ActivationCheckpointSection.Mode.allCases {
            let model = DeepSeekV3Model(
                ReferenceModel.configuration, sequenceLength: ReferenceModel.length, recomputation: mode)
            let results = try World(DeviceMesh(pipeline: 1, experts: 1)).run { place in
                try TensorMemory.startCounting()
                let trainer = try Trainer(
                    model: model, schedule: try BuiltInSchedule.gpipe.build(ranks: 1, microbatches: 4),
                    grid: DeviceMesh(pipeline: 1, experts: 1), place: place, samples: 4, seed: 3)
                let batches = trainer.batches(counts: ReferenceModel.counts(sequences: 4)) {
                    try ReferenceModel.batch(sequences: $0)
                }
                _ = try trainer.computeGradients(batches)
                let before = TensorMemory.live
                TensorMemory.resetPeak()
                _ = try trainer.computeGradients(batches)
                return (
                    TensorMemory.peak - before, try trainer.parameters.buckets.flatMap { try $0.gradients.doubles() }
                )
            }
            peaks.append(results[0].0)
            gradients.append(results[0].1)
        }
        #expect(peaks[0] > peaks[1] && peaks[1] > peaks[2])
        #expect(gradients[0] == gradients[2])
        // Shared experts compute their norm themselves, so that its gradient is the sum of two.
        let (norm, difference) = zip(gradients[0], gradients[1]).reduce(into: (0.0, 0.0)) { sums, pair in
            sums.0 += pair.0 * pair.0
            sums.1 += (pair.0 - pair.1) * (pair.0 - pair.1)
        }
        #expect(difference.squareRoot() <= 1e-10 * norm.squareRoot())
    }
}
