import PipelineSchedules
import Testing
import TrainingRecipes

@Suite struct RankMemoryTests {
    @Test("The ranks hold the whole model once per chain", arguments: BuiltInSchedule.allCases)
    func ranksHoldTheWholeModelOncePerChain(schedule: BuiltInSchedule) throws {
        var recipe = Recipe()
        recipe.parallelism.pipelineParallelSchedule = schedule.rawValue
        recipe.parallelism.expertParallelDegree = 1
        recipe.parallelism.pipelineParallelDegree = 2
        recipe.model.numHiddenLayers = 8
        let built = try recipe.preflight { _ in [] }
        let stages = recipe.stageContents(built)
        for chain in built.chains {
            let layers = chain.stages.flatMap { stages[$0].layers.sorted() }
            #expect(layers == Array(0..<8))
            #expect(chain.stages.filter { stages[$0].hasHead } == [chain.stages.upperBound - 1])
        }
        // The ranks of one chain hold every parameter once, except the embedding, which multi-token prediction needs
        // again.
        let all = recipe.rankContents(built).reduce(0) { $0 + recipe.parameters(of: $1) }
        let table = recipe.model.vocabSize * recipe.model.hiddenSize
        #expect(all >= recipe.model.totalParameters)
        if built.chains.count == 1 { #expect(all - recipe.model.totalParameters <= table) }
    }

    @Test("A rank that exceeds the memory of its device is refused") func aRankLargerThanItsDeviceIsRefused() throws {
        let recipe = Recipe()
        let schedule = try recipe.preflight { _ in [] }
        let largest = try #require(recipe.memory(schedule).map(\.total).max())
        try recipe.checkDeviceMemory(schedule, available: largest)
        let error = #expect(throws: RecipeError.self) {
            try recipe.checkDeviceMemory(schedule, available: largest / 100)
        }
        #expect(error?.description.hasPrefix("training.device is 'cuda': the largest rank takes about ") == true)
    }

    @Test("Ranks that share a device share its memory") func ranksThatShareADevice() throws {
        var recipe = Recipe()
        recipe.training.ranksPerDevice = 10
        let schedule = try recipe.preflight { _ in [] }
        let largest = try #require(recipe.memory(schedule).map(\.total).max())
        try recipe.checkDeviceMemory(schedule, available: 10 * largest)
        let error = #expect(throws: RecipeError.self) { try recipe.checkDeviceMemory(schedule, available: largest) }
        #expect(error?.description.contains("are free for each of the 10 ranks that share it") == true)
    }

    @Test("A refusal recommends only recomputation that takes less memory") func remedies() throws {
        var recipe = Recipe()
        recipe.parallelism.pipelineParallelSchedule = "zb1p"
        recipe.training.seqLen = 512
        let schedule = try recipe.preflight { _ in [] }
        func total(_ mode: Recipe.ActivationCheckpointSection.Mode) throws -> Double {
            recipe.activationCheckpoint.mode = mode
            return try #require(recipe.memory(schedule).largest).total
        }
        let none = try total(.none)
        let lighter = try [Recipe.ActivationCheckpointSection.Mode.selective, .full].filter { try total($0) < none }
        // Between I and W, a segment keeps what it has recomputed.
        #expect(!lighter.contains(.full))
        recipe.activationCheckpoint.mode = .none
        let error = #expect(throws: RecipeError.self) { try recipe.checkDeviceMemory(schedule, available: 1e6) }
        #expect(error?.description.contains("or full") == false && error?.description.contains("to full") == false)
    }

    @Test("A single rank holds every parameter of the model once") func oneRankHoldsTheModel() throws {
        var recipe = Recipe()
        recipe.parallelism.pipelineParallelSchedule = "1f1b"
        recipe.parallelism.pipelineParallelDegree = 1
        recipe.parallelism.expertParallelDegree = 1
        let schedule = try recipe.preflight { _ in [] }
        let held = try #require(recipe.rankContents(schedule).first)
        #expect(recipe.parameters(of: held) == recipe.model.totalParameters)
    }

    @Test("Memory grows with sizes, batch and data type, and with the peak activations of the schedule")
    func memoryGrowsWithSizes() throws {
        func total(_ change: (inout Recipe) -> Void) throws -> Double {
            var recipe = Recipe()
            change(&recipe)
            return recipe.memory(try recipe.preflight { _ in [] }).reduce(0) { $0 + $1.total }
        }
        let plain = try total { _ in }
        #expect(try total { $0.model.hiddenSize = 256 } > plain)
        #expect(try total { $0.training.seqLen = 128 } > plain)
        #expect(try total { $0.training.globalBatchSize = 64 } > plain)
        #expect(try total { $0.model.dtype = .float64 } > plain)
        // GPipe keeps the activations of eight micro-batches, 1F1B those of at most four.
        let gpipe = try total { $0.parallelism.pipelineParallelSchedule = "gpipe" }
        #expect(try total { $0.parallelism.pipelineParallelSchedule = "1f1b" } < gpipe)
    }

    @Test("Ranks are refused only if they exceed the memory by more than the factor of doubt")
    func tooManyRanksAreRefused() throws {
        let recipe = Recipe()
        let schedule = try recipe.preflight { _ in [] }
        let all = recipe.memory(schedule).reduce(0) { $0 + $1.total } * 2
        try recipe.checkMemory(schedule, available: all)
        try recipe.checkMemory(schedule, available: all / RankMemory.doubt * 1.01)
        let error = #expect(throws: RecipeError.self) {
            try recipe.checkMemory(schedule, available: all / RankMemory.doubt * 0.99)
        }
        let text = try #require(error?.description)
        #expect(
            text.hasPrefix("parallelism.pipeline_parallel_degree x expert_parallel_degree: 8 ranks take about ")
                && text.contains(" are free: set activation_checkpoint.mode to selective or full, or reduce the model"))
        let large = Preset.deepSeekV3.recipe
        #expect(throws: RecipeError.self) {
            try large.checkMemory(try large.preflight { _ in [] }, available: 1e12)
        }
    }
}
