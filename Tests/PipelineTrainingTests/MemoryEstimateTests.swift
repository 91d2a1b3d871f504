import DistributedRuntime
import LibTorch
import MoEModels
import PipelineRuntime
import PipelineSchedules
import PipelineTraining
import Testing
import TrainingRecipes

/// The estimated memory of ranks beside the bytes that they allocate.
@Suite("Estimates of memory", .serialized) struct MemoryEstimateTests {
    typealias Mode = Recipe.ActivationCheckpointSection.Mode

    struct Case: CustomTestStringConvertible, Sendable {
        let schedule: String
        let pipeline, experts, microbatches: Int
        let mode: Mode
        let type: Recipe.DataType
        var length = 64, sequences = 2
        var vocabulary = 256

        var testDescription: String {
            "\(schedule), P=\(pipeline), E=\(experts), M=\(microbatches), \(mode), \(type), S=\(length)"
        }

        var recipe: Recipe {
            var recipe = Recipe()
            recipe.model.vocabSize = vocabulary
            recipe.model.dtype = type
            recipe.parallelism.pipelineParallelSchedule = schedule
            recipe.parallelism.pipelineParallelDegree = pipeline
            recipe.parallelism.expertParallelDegree = experts
            recipe.parallelism.numMicrobatches = microbatches
            recipe.activationCheckpoint.mode = mode
            recipe.training.seqLen = length
            recipe.training.globalBatchSize = microbatches * experts * sequences
            return recipe
        }
    }

    static let cases: [Case] = [
        Case(schedule: "1f1b", pipeline: 1, experts: 1, microbatches: 1, mode: .none, type: .float32),
        Case(schedule: "1f1b", pipeline: 1, experts: 1, microbatches: 1, mode: .selective, type: .float32),
        Case(schedule: "1f1b", pipeline: 1, experts: 1, microbatches: 1, mode: .full, type: .float32, length: 256),
        Case(schedule: "1f1b", pipeline: 1, experts: 1, microbatches: 1, mode: .none, type: .bfloat16, length: 128),
        Case(schedule: "gpipe", pipeline: 1, experts: 1, microbatches: 4, mode: .selective, type: .bfloat16),
        Case(schedule: "gpipe", pipeline: 2, experts: 1, microbatches: 4, mode: .full, type: .bfloat16, length: 128),
        Case(schedule: "1f1b", pipeline: 4, experts: 1, microbatches: 8, mode: .none, type: .float32),
        Case(schedule: "zb1p", pipeline: 2, experts: 1, microbatches: 4, mode: .none, type: .float32),
        Case(schedule: "zb-v", pipeline: 2, experts: 2, microbatches: 4, mode: .selective, type: .float32),
        Case(schedule: "dualpipe", pipeline: 2, experts: 2, microbatches: 8, mode: .none, type: .float32),
        Case(schedule: "dualpipev", pipeline: 2, experts: 1, microbatches: 8, mode: .none, type: .bfloat16),
        Case(schedule: "1f1b", pipeline: 1, experts: 4, microbatches: 2, mode: .none, type: .float32, length: 128),
        Case(
            schedule: "interleaved-1f1b", pipeline: 2, experts: 1, microbatches: 4, mode: .selective, type: .float32,
            vocabulary: 8192),
    ]

    private static func batches(_ recipe: Recipe, _ trainer: Trainer) -> [StageBatch] {
        let (length, vocabulary) = (recipe.training.seqLen, recipe.model.vocabSize)
        return trainer.batches(counts: [1000, 1000, 10]) { samples in
            try (0..<4).map { shift in
                let tokens = samples.flatMap { sample in
                    (0..<length).map { (37 * sample + 11 * $0 * $0 + shift) % vocabulary }
                }
                return try Tensor(tokens, shape: [samples.count, length])
            }
        }
    }

    @Test("The estimate of each rank's activations is within 10 % of the measured peak", arguments: cases)
    func peaks(example: Case) throws {
        let recipe = example.recipe
        let schedule = try recipe.preflight { _ in [] }
        let estimates = recipe.memory(schedule)
        let model = DeepSeekV3Model(recipe)
        let grid = DeviceMesh(pipeline: example.pipeline, experts: example.experts)
        let measured = try World(grid).run { place in
            try TensorMemory.startCounting()
            let trainer = try Trainer(
                model: model, schedule: schedule, grid: grid, place: place,
                samples: recipe.training.globalBatchSize, seed: 1)
            let batches = Self.batches(recipe, trainer)
            _ = try trainer.computeGradients(batches)
            let before = TensorMemory.live
            TensorMemory.resetPeak()
            _ = try trainer.computeGradients(batches)
            return TensorMemory.peak - before
        }
        for (rank, bytes) in measured.enumerated() {
            let estimate = estimates[rank / example.experts].activations
            #expect(abs(estimate / Double(bytes) - 1) < 0.1, "rank \(rank): \(Int(estimate)) for \(bytes) bytes")
        }
    }

    @Test(
        "The segments keep the tensors that their descriptions list, and leave those of their weight gradients",
        arguments: Mode.allCases, [Recipe.DataType.float32, .bfloat16])
    func segments(mode: Mode, type: Recipe.DataType) throws {
        let example = Case(schedule: "1f1b", pipeline: 1, experts: 1, microbatches: 1, mode: mode, type: type)
        let recipe = example.recipe
        let schedule = try recipe.preflight { _ in [] }
        let described = recipe.segments(schedule)[0]
        let model = DeepSeekV3Model(recipe)
        try TensorMemory.startCounting()
        var set = ParameterSet(share: ParameterSet.ExpertShare(index: 0, count: 1))
        for specification in model.parameters(ofStage: 0, of: 1) {
            let tensor = try specification.startingValues(
                seed: 1, share: set.share, type: specification.type(inModelOf: model.elementType))
            let leaf = try tensor.leaf()
            if specification.isTrained {
                try leaf.setGradient(.zeros(tensor.shape, model.elementType.accumulated))
            }
            set.add(specification.name, specification.isTrained ? leaf : tensor)
        }
        let graph = try model.graph(ofStage: 0, of: 1, parameters: set)
        #expect(graph.segments.map(\.name) == described.map(\.name))
        let data = try (0..<4).map { shift in
            try Tensor((0..<128).map { ($0 * $0 + shift) % 256 }, shape: [2, 64])
        }
        let run = try MicrobatchRun(
            graph: graph, data: data, input: nil, batchCounts: [1, 1, 1],
            exchange: TokenDispatcher(group: nil, countsGroup: nil, share: set.share), runsBackward: true)
        let start = TensorMemory.live
        for _ in graph.segments { try run.stepForward() }
        let kept = described.reduce(0) { $0 + $1.keptBytes }
        #expect(abs(kept / Double(TensorMemory.live - start) - 1) < 0.001)
        run.startBackward(outputGradient: nil)
        for (segment, description) in zip(graph.segments, described).reversed() {
            try run.stepBackward()
            guard segment.work.computes else { continue }
            let before = TensorMemory.live
            try run.stepWeights()
            #expect(Double(before - TensorMemory.live) == description.deferredBytes, "\(segment.name)")
        }
    }
}
