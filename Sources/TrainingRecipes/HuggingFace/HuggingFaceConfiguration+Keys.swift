extension HuggingFaceConfiguration {
    /// The model types with the architecture of DeepSeek-V3.
    static let modelTypes: [RecipeValue] = [.text("deepseek_v3"), .text("kimi_k2")]

    /// The keys that are also keys of the model section.
    static let modelKeys = Set(
        Recipe.fields.filter { $0.section == "model" && $0.name != Recipe.weightsKey }.map(\.key))

    /// The keys of `rope_scaling`.
    static let ropeKeys = Set(Recipe.fields.filter { $0.section == "model.rope_scaling" }.map(\.key))

    /// The keys of the model section that a configuration may lack.
    static let optionalKeys: Set = [
        "aux_loss_alpha", "dtype", "initializer_range", "max_position_embeddings", "moe_router_bias_update_rate",
        "mtp_loss_scaling_factor", "num_nextn_predict_layers",
    ]

    /// The keys that are read or checked individually.
    static let ownKeys: Set = [
        "compression_config", "model_type", "num_key_value_heads", "quantization_config", "rope_parameters",
        "rope_scaling",
    ]

    /// The required values of keys that would change the model if they had other values.
    static let requirements: [String: RecipeValue] = [
        "attention_bias": .flag(false),
        "attention_dropout": .number(0),
        "hidden_act": .text("silu"),
        "moe_layer_freq": .integer(1),
        "norm_topk_prob": .flag(true),
        "rope_interleave": .flag(true),
        "scoring_func": .text("sigmoid"),
        "seq_aux": .flag(true),
        "tie_word_embeddings": .flag(false),
        "topk_method": .text("noaux_tc"),
    ]

    /// The keys that have no effect on training, or follow from other keys.
    static let ignoredKeys: Set = [
        "_attn_implementation_autoset", "_name_or_path", "architectures", "auto_map", "bos_token_id",
        "chunk_size_feed_forward", "eos_token_id", "ep_size", "head_dim", "id2label", "is_decoder",
        "is_encoder_decoder", "label2id", "output_attentions", "output_hidden_states", "output_router_logits",
        "pad_token_id",
        "pretraining_tp", "problem_type", "qk_head_dim", "return_dict", "tokenizer_class", "torchscript",
        "transformers_version", "use_bfloat16", "use_cache",
    ]
}
