/// Recipes that come with Contraflow.
public enum Preset: String, Hashable, Sendable, CaseIterable {
    /// A model that learns something within seconds.
    case debug
    /// Shakespeare's works in about three minutes on two cores.
    case shakespeare
    /// The same, longer and with a larger model.
    case shakespeareLong = "shakespeare-long"
    /// DeepSeek-V3 itself, for `--dry-run`: sizes from its report and its published configuration.
    case deepSeekV3 = "deepseek-v3-671b"

    /// What the preset is for, in a few words.
    public var purpose: String {
        switch self {
        case .debug: "a tiny model, in seconds"
        case .shakespeare: "Shakespeare's works, about three minutes on two cores"
        case .shakespeareLong: "the same with a larger model, about twenty minutes"
        case .deepSeekV3: "DeepSeek-V3 itself, for --dry-run"
        }
    }

    /// The recipe.
    public var recipe: Recipe {
        var recipe = Recipe()
        recipe.run.name = rawValue
        switch self {
        case .shakespeare:
            break
        case .debug:
            recipe.model.width = 32
            recipe.model.heads = 2
            recipe.model.queryRank = 16
            recipe.model.keyValueRank = 16
            recipe.model.plainHeadWidth = 16
            recipe.model.rotaryHeadWidth = 8
            recipe.model.valueHeadWidth = 16
            recipe.model.denseInnerWidth = 64
            recipe.model.expertInnerWidth = 32
            recipe.batch.sequences = 16
            recipe.batch.length = 32
            recipe.optimizer.warmUpSteps = 5
            recipe.run.steps = 20
            recipe.run.validationInterval = 10
            recipe.run.validationBatches = 1
        case .shakespeareLong:
            recipe.model.width = 192
            recipe.model.heads = 6
            recipe.model.queryRank = 96
            recipe.model.keyValueRank = 64
            recipe.model.denseInnerWidth = 512
            recipe.model.expertInnerWidth = 128
            recipe.batch.length = 192
            recipe.model.biasRate = 1e-3
            recipe.optimizer.rate = 2e-3
            recipe.optimizer.finalRate = 1e-4
            recipe.run.steps = 300
            recipe.run.validationInterval = 100
        case .deepSeekV3:
            recipe.makeDeepSeekV3()
        }
        return recipe
    }
}

extension Recipe {
    fileprivate mutating func makeDeepSeekV3() {
        model.vocabulary = 129_280
        model.width = 7168
        model.layers = 61
        model.denseLayers = 3
        model.heads = 128
        model.queryRank = 1536
        model.keyValueRank = 512
        model.plainHeadWidth = 128
        model.rotaryHeadWidth = 64
        model.valueHeadWidth = 128
        model.denseInnerWidth = 18_432
        model.expertInnerWidth = 2048
        model.experts = 256
        model.sharedExperts = 1
        model.chosenExperts = 8
        model.groups = 8
        model.chosenGroups = 4
        model.biasRate = 1e-3
        model.startDeviation = 0.006
        model.type = "bfloat16"
        layout.pipeline = 16
        layout.experts = 64
        batch.sequences = 15_360
        batch.microbatches = 240
        batch.length = 4096
        data.tokens = "uint32"
        data.path = "tokens.bin"
        optimizer.rate = 2.2e-4
        optimizer.finalRate = 2.2e-5
        optimizer.warmUpSteps = 2000
    }
}
