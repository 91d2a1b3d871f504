/// The values of a Hugging Face `config.json`. Each key is read, ignored because it has no effect on training, or
/// refused.
struct HuggingFaceConfiguration {
    private let values: [String: RecipeValue]

    init(_ values: [String: RecipeValue]) {
        self.values = values
    }

    /// Sets the model section of a recipe to the values of the configuration.
    func apply(to recipe: inout Recipe) throws(RecipeError) {
        try checkArchitecture()
        try checkRequirements()
        for (key, value) in values.sorted(by: { $0.key < $1.key }) where value != .null {
            if Self.modelKeys.contains(key) {
                try recipe.set(Recipe.field("model." + key), to: value)
            } else if key == "torch_dtype" {
                try recipe.set(Recipe.field("model.dtype"), to: value)
            } else if !Self.ignoredKeys.contains(key), Self.requirements[key] == nil, !Self.ownKeys.contains(key) {
                throw RecipeError(
                    "\(key) is not known: if it has no effect on training, remove it from a copy of the file")
            }
        }
        if value("num_nextn_predict_layers") == .null { recipe.model.numNextnPredictLayers = 0 }
        if value("max_position_embeddings") == .null { recipe.model.maxPositionEmbeddings = 0 }
        try applyRopeScaling(to: &recipe)
    }

    private func value(_ key: String) -> RecipeValue { values[key] ?? .null }

    private func checkArchitecture() throws(RecipeError) {
        let type = value("model_type")
        guard Self.modelTypes.contains(type) else {
            let was = type == .null ? "missing" : type.description
            throw RecipeError("model_type is \(was): only the architecture of deepseek_v3 is supported")
        }
        for key in ["quantization_config", "compression_config"] where value(key) != .null && !isFP8(value(key)) {
            throw RecipeError(
                "\(key) asks for weights of a form that is not supported: only FP8 (e4m3) with a scale per 128 x 128 "
                    + "weights is: convert the weights, and remove the key from a copy of the file")
        }
        let elsewhere: Set = ropeTable?["rope_theta"] == nil ? [] : ["rope_theta"]
        let needed = Self.modelKeys.subtracting(Self.optionalKeys).subtracting(elsewhere)
        let missing = needed.filter { value($0) == .null }.min()
        guard missing != "q_lora_rank" else {
            throw RecipeError("q_lora_rank is null: only compressed queries are supported")
        }
        if let missing {
            throw RecipeError("\(missing) is missing: give the whole config.json of a DeepSeek-V3 model")
        }
    }

    /// Returns whether a quantization is DeepSeek-V3's: FP8 with a scale per 128 x 128 weights. Such weights are read,
    /// and have no effect on training otherwise.
    private func isFP8(_ quantization: RecipeValue) -> Bool {
        guard case .table(let table) = quantization, table["quant_method"] == .text("fp8"),
            table["fmt"].map({ $0 == .text("e4m3") }) ?? true
        else { return false }
        return table["weight_block_size"]?.numbers == [128, 128]
    }

    private func checkRequirements() throws(RecipeError) {
        for (key, allowed) in Self.requirements.sorted(by: { $0.key < $1.key }) {
            let value = value(key)
            guard value == .null || value == allowed || value.isNumber(equalTo: allowed) else {
                throw RecipeError("\(key) is \(value.description), but only \(allowed.description) is supported")
            }
        }
        let (heads, keyHeads) = (value("num_attention_heads"), value("num_key_value_heads"))
        guard keyHeads == .null || keyHeads == heads else {
            throw RecipeError(
                "num_key_value_heads is \(keyHeads.description), but num_attention_heads is \(heads.description): "
                    + "latent attention needs equal numbers")
        }
    }

    /// The table `rope_scaling`, which transformers 5 renamed to `rope_parameters`.
    private var ropeTable: [String: RecipeValue]? {
        for key in ["rope_scaling", "rope_parameters"] {
            if case .table(let table) = value(key) { return table }
        }
        return nil
    }

    private func applyRopeScaling(to recipe: inout Recipe) throws(RecipeError) {
        recipe.model.ropeScaling = Recipe.RopeScaling()
        guard let table = ropeTable else { return }
        for (key, value) in table.sorted(by: { $0.key < $1.key }) {
            switch key {
            case "rope_theta": try recipe.set(Recipe.field("model.rope_theta"), to: value)
            case "rope_type": try recipe.set(Recipe.field("model.rope_scaling.type"), to: value)
            case _ where Self.ropeKeys.contains(key):
                try recipe.set(Recipe.field("model.rope_scaling." + key), to: value)
            default: throw RecipeError("rope_scaling.\(key) is not known, and may change the model")
            }
        }
        // Other programs have different defaults for missing keys.
        let needed = ["factor", "mscale", "mscale_all_dim", "original_max_position_embeddings"]
        if recipe.model.ropeScaling.type == .yarn, let missing = needed.first(where: { table[$0] == nil }) {
            throw RecipeError(
                "rope_scaling.\(missing) is missing: yarn needs all of \(needed.joined(separator: ", "))")
        }
    }
}

extension RecipeValue {
    /// Returns whether both values are the same number, such as 0 and 0.0.
    fileprivate func isNumber(equalTo other: RecipeValue) -> Bool {
        switch (self, other) {
        case (.integer(let value), .number(let other)): Double(value) == other
        case (.number(let value), .integer(let other)): value == Double(other)
        default: false
        }
    }
}
