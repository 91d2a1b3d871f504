/// One key of a recipe: where it stands, what it means, and how it is read and written.
public struct RecipeField: Sendable {
    /// The type of a key's value, with the way to it.
    public enum Access: Sendable {
        /// A whole number.
        case integer(any WritableKeyPath<Recipe, Int> & Sendable)
        /// A number.
        case number(any WritableKeyPath<Recipe, Double> & Sendable)
        /// A text.
        case text(any WritableKeyPath<Recipe, String> & Sendable)
    }

    /// The section, such as `optimizer`.
    public let section: String
    /// The key within it, such as `rate`.
    public let key: String
    /// What it means, in a few words.
    public let meaning: String
    /// The type and the way to it.
    public let access: Access

    init(_ name: String, _ access: Access, _ meaning: String) {
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        section = parts[0]
        key = parts[1]
        self.access = access
        self.meaning = meaning
    }

    /// Section and key, as options spell them: `optimizer.rate`.
    public var name: String { "\(section).\(key)" }

    /// What a value of the key is called in messages.
    var typeName: String {
        switch access {
        case .integer: "a whole number"
        case .number: "a number"
        case .text: "a text"
        }
    }
}

extension Recipe {
    /// Every key of a recipe, in the order in which it is printed.
    public static let fields: [RecipeField] = [
        RecipeField("model.vocabulary", .integer(\.model.vocabulary), "entries of the vocabulary"),
        RecipeField("model.width", .integer(\.model.width), "width of the residual stream"),
        RecipeField("model.layers", .integer(\.model.layers), "transformer layers"),
        RecipeField(
            "model.dense-layers", .integer(\.model.denseLayers), "layers, from the first, with a dense network"),
        RecipeField("model.heads", .integer(\.model.heads), "attention heads"),
        RecipeField("model.query-rank", .integer(\.model.queryRank), "width of the compressed queries"),
        RecipeField("model.key-value-rank", .integer(\.model.keyValueRank), "width of the compressed keys and values"),
        RecipeField(
            "model.plain-head-width", .integer(\.model.plainHeadWidth), "dimensions of a head without position"),
        RecipeField(
            "model.rotary-head-width", .integer(\.model.rotaryHeadWidth), "dimensions of a head with rotary position"),
        RecipeField("model.value-head-width", .integer(\.model.valueHeadWidth), "dimensions of a head's values"),
        RecipeField("model.dense-inner-width", .integer(\.model.denseInnerWidth), "inner width of dense networks"),
        RecipeField("model.expert-inner-width", .integer(\.model.expertInnerWidth), "inner width of an expert"),
        RecipeField("model.experts", .integer(\.model.experts), "routed experts of a layer"),
        RecipeField("model.shared-experts", .integer(\.model.sharedExperts), "shared experts of a layer"),
        RecipeField("model.chosen-experts", .integer(\.model.chosenExperts), "routed experts that a token chooses"),
        RecipeField("model.groups", .integer(\.model.groups), "groups that experts are chosen within"),
        RecipeField("model.chosen-groups", .integer(\.model.chosenGroups), "groups that a token may choose from"),
        RecipeField("model.routing-scale", .number(\.model.routingScale), "what routing weights are multiplied by"),
        RecipeField("model.rotary-base", .number(\.model.rotaryBase), "base of rotary frequencies"),
        RecipeField(
            "model.prediction-depth", .integer(\.model.predictionDepth), "depths of multi-token prediction: 0 or 1"),
        RecipeField("model.prediction-weight", .number(\.model.predictionWeight), "weight of the multi-token loss"),
        RecipeField("model.balance-weight", .number(\.model.balanceWeight), "weight of the sequence-wise balance loss"),
        RecipeField("model.bias-rate", .number(\.model.biasRate), "how far a step moves the gate's biases"),
        RecipeField("model.start-deviation", .number(\.model.startDeviation), "standard deviation of initial weights"),
        RecipeField("model.type", .text(\.model.type), "float32, float64 or bfloat16"),
        RecipeField("layout.pipeline", .integer(\.layout.pipeline), "ranks of the pipeline"),
        RecipeField("layout.experts", .integer(\.layout.experts), "ranks of an expert-parallel group"),
        RecipeField("layout.schedule", .text(\.layout.schedule), "schedule's name, or a CSV file"),
        RecipeField("layout.chunks", .integer(\.layout.chunks), "stages a rank of interleaved schedules"),
        RecipeField("layout.chains", .integer(\.layout.chains), "chains of a schedule from a CSV file"),
        RecipeField(
            "layout.recompute", .text(\.layout.recompute), "what the way back computes anew: none, experts or all"),
        RecipeField(
            "layout.overlap", .text(\.layout.overlap), "what runs while tokens are exchanged: overlapped or none"),
        RecipeField("layout.device", .text(\.layout.device), "what ranks compute on: cpu, or cuda, a device a rank"),
        RecipeField("layout.threads", .integer(\.layout.threads), "compute threads a rank"),
        RecipeField("batch.sequences", .integer(\.batch.sequences), "sequences of a step, over all ranks"),
        RecipeField("batch.microbatches", .integer(\.batch.microbatches), "micro-batches of a step, over all chains"),
        RecipeField("batch.length", .integer(\.batch.length), "tokens of a sequence"),
        RecipeField("data.path", .text(\.data.path), "text file, folder of text files, or file of tokens"),
        RecipeField(
            "data.tokens", .text(\.data.tokens),
            "what the files hold: bytes of text, or tokens as uint8, uint16 or uint32"),
        RecipeField("data.held-out", .number(\.data.heldOut), "part of every file, from its end, that is held out"),
        RecipeField("optimizer.rate", .number(\.optimizer.rate), "highest learning rate"),
        RecipeField("optimizer.final-rate", .number(\.optimizer.finalRate), "learning rate at the end"),
        RecipeField("optimizer.warm-up-steps", .integer(\.optimizer.warmUpSteps), "steps until the highest rate"),
        RecipeField("optimizer.beta1", .number(\.optimizer.beta1), "decay of the first moment"),
        RecipeField("optimizer.beta2", .number(\.optimizer.beta2), "decay of the second moment"),
        RecipeField("optimizer.epsilon", .number(\.optimizer.epsilon), "added to the root of the second moment"),
        RecipeField("optimizer.decay", .number(\.optimizer.decay), "weight decay, of matrices alone"),
        RecipeField(
            "optimizer.maximum-norm", .number(\.optimizer.maximumNorm), "norm that gradients are clipped to; 0 for none"
        ),
        RecipeField("run.name", .text(\.run.name), "what the run is called"),
        RecipeField("run.folder", .text(\.run.folder), "where run folders are made"),
        RecipeField("run.steps", .integer(\.run.steps), "steps of training"),
        RecipeField("run.seed", .integer(\.run.seed), "decides every random number"),
        RecipeField(
            "run.validation-interval", .integer(\.run.validationInterval),
            "steps between two looks at the held-out part; 0 for one at the end"),
        RecipeField(
            "run.checkpoint-interval", .integer(\.run.checkpointInterval),
            "steps between two checkpoints; 0 for one at the end"),
        RecipeField("run.validation-batches", .integer(\.run.validationBatches), "batches of such a look"),
    ]
}
