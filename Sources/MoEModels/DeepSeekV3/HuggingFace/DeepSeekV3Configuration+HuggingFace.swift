import LibTorch

extension DeepSeekV3Configuration {
    /// The configuration as Hugging Face's `DeepseekV3ForCausalLM` reads it, with Megatron's names for what it has no key
    /// for.
    var huggingFaceJSON: String {
        let head = [("architectures", #"["DeepseekV3ForCausalLM"]"#), ("model_type", #""deepseek_v3""#)]
        let sorted = (Self.architecture + attentionFields + networkFields).sorted { $0.0 < $1.0 }
        let fields = head + sorted + (ropeScaling.map { [("rope_scaling", $0.huggingFaceJSON)] } ?? [])
        return "{\n" + fields.map { "  \"\($0.0)\": \($0.1)" }.joined(separator: ",\n") + "\n}\n"
    }

    /// What all configurations have in common.
    ///
    /// No token begins or ends a text of bytes; without a null, readers would take tokens 0 and 1.
    private static let architecture = [
        ("attention_bias", "false"), ("attention_dropout", "0.0"), ("bos_token_id", "null"), ("eos_token_id", "null"),
        ("hidden_act", #""silu""#), ("moe_layer_freq", "1"), ("norm_topk_prob", "true"), ("pad_token_id", "null"),
        ("rope_interleave", "true"), ("scoring_func", #""sigmoid""#), ("seq_aux", "true"),
        ("tie_word_embeddings", "false"), ("topk_method", #""noaux_tc""#),
    ]

    private var attentionFields: [(String, String)] {
        [
            ("kv_lora_rank", "\(kvLoraRank)"),
            ("max_position_embeddings", "\(maxPositionEmbeddings)"),
            ("num_attention_heads", "\(numAttentionHeads)"),
            ("num_key_value_heads", "\(numAttentionHeads)"),
            ("q_lora_rank", "\(qLoraRank)"),
            ("qk_nope_head_dim", "\(qkNopeHeadDim)"),
            ("qk_rope_head_dim", "\(qkRopeHeadDim)"),
            ("rope_theta", "\(ropeTheta)"),
            ("v_head_dim", "\(vHeadDim)"),
        ]
    }

    private var networkFields: [(String, String)] {
        let types = [ElementType.float64: "float64", .bfloat16: "bfloat16"]
        // A token that may choose from all groups chooses as from one, which needs no two best experts per group.
        let isLimited = topkGroup < nGroup && nRoutedExperts / nGroup > 1
        return [
            ("aux_loss_alpha", "\(auxLossAlpha)"),
            ("first_k_dense_replace", "\(firstKDenseReplace)"),
            ("hidden_size", "\(hiddenSize)"),
            ("initializer_range", "\(initializerRange)"),
            ("intermediate_size", "\(intermediateSize)"),
            ("moe_intermediate_size", "\(moeIntermediateSize)"),
            ("moe_router_bias_update_rate", "\(moeRouterBiasUpdateRate)"),
            ("mtp_loss_scaling_factor", "\(mtpLossScalingFactor)"),
            ("n_group", "\(isLimited ? nGroup : 1)"),
            ("n_routed_experts", "\(nRoutedExperts)"),
            ("n_shared_experts", "\(nSharedExperts)"),
            ("num_experts_per_tok", "\(numExpertsPerTok)"),
            ("num_hidden_layers", "\(numHiddenLayers)"),
            ("num_nextn_predict_layers", "\(numNextnPredictLayers)"),
            ("rms_norm_eps", "\(rmsNormEps)"),
            ("routed_scaling_factor", "\(routedScalingFactor)"),
            ("topk_group", "\(isLimited ? topkGroup : 1)"),
            ("torch_dtype", "\"\(types[dtype] ?? "float32")\""),
            ("vocab_size", "\(vocabSize)"),
        ]
    }
}

extension RotaryFrequencies.Scaling {
    /// The stretch as a configuration has it.
    fileprivate var huggingFaceJSON: String {
        #"{"type": "yarn", "factor": \#(factor), "beta_fast": \#(betaFast), "beta_slow": \#(betaSlow), "#
            + #""mscale": \#(mscale), "mscale_all_dim": \#(mscale), "#
            + #""original_max_position_embeddings": \#(originalMaxPositionEmbeddings)}"#
    }
}
