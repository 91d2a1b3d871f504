import TrainingRecipes

extension DeepSeekV3Configuration {
    /// The configuration in the format of Hugging Face's `DeepseekV3ForCausalLM`. Values for which it has no key have
    /// Megatron-LM's names.
    var huggingFaceJSON: String {
        let head = [("architectures", #"["DeepseekV3ForCausalLM"]"#), ("model_type", #""deepseek_v3""#)]
        let sorted = (Self.architecture + sizes).sorted { $0.0 < $1.0 }
        let fields = head + sorted + (ropeScaling.type == .yarn ? [("rope_scaling", ropeScaling.huggingFaceJSON)] : [])
        return "{\n" + fields.map { "  \"\($0.0)\": \($0.1)" }.joined(separator: ",\n") + "\n}\n"
    }

    /// The keys that are the same in all configurations.
    ///
    /// Texts of bytes have no special tokens. Without the nulls, readers would use tokens 0 and 1 as special tokens.
    private static let architecture = [
        ("attention_bias", "false"), ("attention_dropout", "0.0"), ("bos_token_id", "null"), ("eos_token_id", "null"),
        ("hidden_act", #""silu""#), ("moe_layer_freq", "1"), ("norm_topk_prob", "true"), ("pad_token_id", "null"),
        ("rope_interleave", "true"), ("scoring_func", #""sigmoid""#), ("seq_aux", "true"),
        ("tie_word_embeddings", "false"), ("topk_method", #""noaux_tc""#),
    ]

    /// The sizes. Their keys are those of the recipe's model section, except the key of the type.
    private var sizes: [(String, String)] {
        var recipe = Recipe()
        recipe.model = self
        // If tokens may choose from all groups, or if each group is one expert, groups do not change the choice. They
        // are then written as a single group, for which readers compute no group scores.
        let isLimited = topkGroup < nGroup && nRoutedExperts / nGroup > 1
        if !isLimited { (recipe.model.nGroup, recipe.model.topkGroup) = (1, 1) }
        let own = Recipe.fields.filter { $0.section == "model" && $0.name != Recipe.weightsKey }.map { field in
            switch field.access {
            case .integer(let path, _): (field.key, "\(recipe[keyPath: path])")
            case .number(let path, _): (field.key, "\(recipe[keyPath: path])")
            case .text, .texts, .numbers, .flag, .word: ("torch_dtype", "\"\(elementType)\"")
            }
        }
        return own + [("num_key_value_heads", "\(numAttentionHeads)")]
    }
}

extension Recipe.RopeScaling {
    /// YaRN's parameters in the format of a configuration.
    fileprivate var huggingFaceJSON: String {
        #"{"type": "yarn", "factor": \#(factor), "beta_fast": \#(betaFast), "beta_slow": \#(betaSlow), "#
            + #""mscale": \#(mscaleAllDim), "mscale_all_dim": \#(mscaleAllDim), "#
            + #""original_max_position_embeddings": \#(originalMaxPositionEmbeddings)}"#
    }
}
