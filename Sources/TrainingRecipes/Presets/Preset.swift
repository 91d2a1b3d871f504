/// The built-in recipes.
public enum Preset: String, Hashable, Sendable, CaseIterable {
    /// A tiny model that trains in seconds.
    case debug
    /// A small model of Shakespeare's works that trains in about two minutes on two cores.
    case shakespeare
    /// A larger model of Shakespeare's works that trains in about twenty minutes.
    case shakespeareLong = "shakespeare-long"
    /// DeepSeek-V3, for `--dry-run`. The sizes are those of its report and of its published configuration.
    case deepSeekV3 = "deepseek-v3-671b"

    /// The purpose of the preset, in a few words.
    public var purpose: String {
        switch self {
        case .debug: "a tiny model, trains in seconds"
        case .shakespeare: "Shakespeare's works, about two minutes on two cores"
        case .shakespeareLong: "Shakespeare's works with a larger model, about twenty minutes"
        case .deepSeekV3: "the sizes of DeepSeek-V3, for --dry-run"
        }
    }

    /// The recipe.
    public var recipe: Recipe {
        var recipe = Recipe()
        recipe.job.name = rawValue
        switch self {
        case .shakespeare:
            break
        case .debug:
            recipe.model.hiddenSize = 32
            recipe.model.numAttentionHeads = 2
            recipe.model.qLoraRank = 16
            recipe.model.kvLoraRank = 16
            recipe.model.qkNopeHeadDim = 16
            recipe.model.qkRopeHeadDim = 8
            recipe.model.vHeadDim = 16
            recipe.model.intermediateSize = 64
            recipe.model.moeIntermediateSize = 32
            recipe.training.globalBatchSize = 16
            recipe.training.seqLen = 32
            recipe.lrScheduler.warmupSteps = 5
            recipe.training.steps = 20
            recipe.validation.freq = 10
            recipe.validation.steps = 1
        case .shakespeareLong:
            recipe.model.hiddenSize = 192
            recipe.model.numAttentionHeads = 6
            recipe.model.qLoraRank = 96
            recipe.model.kvLoraRank = 64
            recipe.model.intermediateSize = 512
            recipe.model.moeIntermediateSize = 128
            recipe.training.seqLen = 192
            recipe.model.moeRouterBiasUpdateRate = 1e-3
            recipe.optimizer.lr = 2e-3
            recipe.training.steps = 300
            recipe.validation.freq = 100
        case .deepSeekV3:
            recipe.makeDeepSeekV3()
        }
        return recipe
    }
}

extension Recipe {
    fileprivate mutating func makeDeepSeekV3() {
        model.vocabSize = 129_280
        model.hiddenSize = 7168
        model.numHiddenLayers = 61
        model.firstKDenseReplace = 3
        model.numAttentionHeads = 128
        model.qLoraRank = 1536
        model.kvLoraRank = 512
        model.qkNopeHeadDim = 128
        model.qkRopeHeadDim = 64
        model.vHeadDim = 128
        model.intermediateSize = 18_432
        model.moeIntermediateSize = 2048
        model.nRoutedExperts = 256
        model.nSharedExperts = 1
        model.numExpertsPerTok = 8
        model.nGroup = 8
        model.topkGroup = 4
        model.moeRouterBiasUpdateRate = 1e-3
        model.initializerRange = 0.006
        model.dtype = .bfloat16
        parallelism.pipelineParallelDegree = 16
        parallelism.expertParallelDegree = 64
        parallelism.numMicrobatches = 240
        training.globalBatchSize = 15_360
        training.seqLen = 4096
        training.datasetFormat = .uint32
        training.datasetPath = ["tokens.bin"]
        optimizer.lr = 2.2e-4
        lrScheduler.minLRFactor = 0.1
        lrScheduler.warmupSteps = 2000
    }
}
