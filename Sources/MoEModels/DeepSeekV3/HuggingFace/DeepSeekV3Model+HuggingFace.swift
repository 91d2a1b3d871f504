import LibTorch

extension DeepSeekV3Model {
    /// The tensors of DeepSeek-V3's published checkpoint.
    public func storedTensors(of specification: ParameterSpecification, expert: Int?) -> [StoredTensor] {
        HuggingFaceNames(configuration).tensors(of: specification, expert: expert)
    }

    /// The configuration as DeepSeek-V3 publishes its own and Hugging Face's `DeepseekV3ForCausalLM` reads it.
    public var storedConfiguration: String? { configuration.huggingFaceJSON }
}

extension DeepSeekV3Configuration {
    var huggingFaceJSON: String {
        let types = [ElementType.float64: "float64", .bfloat16: "bfloat16"]
        // Whoever may choose from all groups chooses as from one, of which no two best experts are asked for.
        let isLimited = chosenGroups < groups && experts / groups > 1
        // No token begins or ends a text of bytes; without a null, readers would take tokens 0 and 1.
        var fields = [
            ("architectures", #"["DeepseekV3ForCausalLM"]"#),
            ("model_type", #""deepseek_v3""#),
            ("attention_bias", "false"),
            ("attention_dropout", "0.0"),
            ("aux_loss_alpha", "\(balanceWeight)"),
            ("bos_token_id", "null"),
            ("eos_token_id", "null"),
            ("first_k_dense_replace", "\(denseLayers)"),
            ("hidden_act", #""silu""#),
            ("hidden_size", "\(width)"),
            ("initializer_range", "\(startDeviation)"),
            ("intermediate_size", "\(denseInnerWidth)"),
            ("kv_lora_rank", "\(keyValueRank)"),
            ("max_position_embeddings", "\(maximumLength)"),
            ("moe_intermediate_size", "\(expertInnerWidth)"),
            ("moe_layer_freq", "1"),
            ("n_group", "\(isLimited ? groups : 1)"),
            ("n_routed_experts", "\(experts)"),
            ("n_shared_experts", "\(sharedExperts)"),
            ("norm_topk_prob", "true"),
            ("num_attention_heads", "\(heads)"),
            ("num_experts_per_tok", "\(chosenExperts)"),
            ("num_hidden_layers", "\(layers)"),
            ("num_key_value_heads", "\(heads)"),
            ("num_nextn_predict_layers", "\(predictionDepth)"),
            ("pad_token_id", "null"),
            ("q_lora_rank", "\(queryRank)"),
            ("qk_nope_head_dim", "\(plainHeadWidth)"),
            ("qk_rope_head_dim", "\(rotaryHeadWidth)"),
            ("rms_norm_eps", "\(normEpsilon)"),
            ("rope_interleave", "true"),
            ("rope_theta", "\(rotaryBase)"),
            ("routed_scaling_factor", "\(routingScale)"),
            ("scoring_func", #""sigmoid""#),
            ("seq_aux", "true"),
            ("tie_word_embeddings", "false"),
            ("topk_group", "\(isLimited ? chosenGroups : 1)"),
            ("topk_method", #""noaux_tc""#),
            ("torch_dtype", "\"\(types[elementType] ?? "float32")\""),
            ("v_head_dim", "\(valueHeadWidth)"),
            ("vocab_size", "\(vocabulary)"),
        ]
        if let stretch {
            let factor = stretchAttentionFactor
            fields.append(
                (
                    "rope_scaling",
                    #"{"type": "yarn", "factor": \#(stretch.factor), "beta_fast": \#(stretch.fastRotations), "#
                        + #""beta_slow": \#(stretch.slowRotations), "mscale": \#(factor), "#
                        + #""mscale_all_dim": \#(factor), "#
                        + #""original_max_position_embeddings": \#(stretch.originalLength)}"#
                ))
        }
        return "{\n" + fields.map { "  \"\($0.0)\": \($0.1)" }.joined(separator: ",\n") + "\n}\n"
    }
}
