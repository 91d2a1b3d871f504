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
        let isLimited = topkGroup < nGroup && nRoutedExperts / nGroup > 1
        // No token begins or ends a text of bytes; without a null, readers would take tokens 0 and 1.
        var fields = [
            ("architectures", #"["DeepseekV3ForCausalLM"]"#),
            ("model_type", #""deepseek_v3""#),
            ("attention_bias", "false"),
            ("attention_dropout", "0.0"),
            ("aux_loss_alpha", "\(auxLossAlpha)"),
            ("bos_token_id", "null"),
            ("eos_token_id", "null"),
            ("first_k_dense_replace", "\(firstKDenseReplace)"),
            ("hidden_act", #""silu""#),
            ("hidden_size", "\(hiddenSize)"),
            ("initializer_range", "\(initializerRange)"),
            ("intermediate_size", "\(intermediateSize)"),
            ("kv_lora_rank", "\(kvLoraRank)"),
            ("max_position_embeddings", "\(maxPositionEmbeddings)"),
            ("moe_intermediate_size", "\(moeIntermediateSize)"),
            ("moe_layer_freq", "1"),
            ("moe_router_bias_update_rate", "\(moeRouterBiasUpdateRate)"),
            ("mtp_loss_scaling_factor", "\(mtpLossScalingFactor)"),
            ("n_group", "\(isLimited ? nGroup : 1)"),
            ("n_routed_experts", "\(nRoutedExperts)"),
            ("n_shared_experts", "\(nSharedExperts)"),
            ("norm_topk_prob", "true"),
            ("num_attention_heads", "\(numAttentionHeads)"),
            ("num_experts_per_tok", "\(numExpertsPerTok)"),
            ("num_hidden_layers", "\(numHiddenLayers)"),
            ("num_key_value_heads", "\(numAttentionHeads)"),
            ("num_nextn_predict_layers", "\(numNextnPredictLayers)"),
            ("pad_token_id", "null"),
            ("q_lora_rank", "\(qLoraRank)"),
            ("qk_nope_head_dim", "\(qkNopeHeadDim)"),
            ("qk_rope_head_dim", "\(qkRopeHeadDim)"),
            ("rms_norm_eps", "\(rmsNormEps)"),
            ("rope_interleave", "true"),
            ("rope_theta", "\(ropeTheta)"),
            ("routed_scaling_factor", "\(routedScalingFactor)"),
            ("scoring_func", #""sigmoid""#),
            ("seq_aux", "true"),
            ("tie_word_embeddings", "false"),
            ("topk_group", "\(isLimited ? topkGroup : 1)"),
            ("topk_method", #""noaux_tc""#),
            ("torch_dtype", "\"\(types[dtype] ?? "float32")\""),
            ("v_head_dim", "\(vHeadDim)"),
            ("vocab_size", "\(vocabSize)"),
        ]
        if let ropeScaling {
            fields.append(
                (
                    "rope_scaling",
                    #"{"type": "yarn", "factor": \#(ropeScaling.factor), "beta_fast": \#(ropeScaling.betaFast), "#
                        + #""beta_slow": \#(ropeScaling.betaSlow), "mscale": \#(ropeScaling.mscale), "#
                        + #""mscale_all_dim": \#(ropeScaling.mscale), "#
                        + #""original_max_position_embeddings": \#(ropeScaling.originalMaxPositionEmbeddings)}"#
                ))
        }
        return "{\n" + fields.map { "  \"\($0.0)\": \($0.1)" }.joined(separator: ",\n") + "\n}\n"
    }
}
