import TrainingRecipes

/// The names of the parameters in DeepSeek-V3's published checkpoint, which Hugging Face's transformers reads.
///
/// The gate and up projections are one parameter in the model and two tensors in the checkpoint. The layer of
/// multi-token prediction has copies of the embedding and the head.
extension DeepSeekV3Model {
    /// The configuration in the format of DeepSeek-V3's `config.json`, for Hugging Face's `DeepseekV3ForCausalLM`.
    public var storedConfiguration: String? { configuration.huggingFaceJSON }

    /// The tensors of DeepSeek-V3's published checkpoint.
    public func storedTensors(of specification: ParameterSpecification, expert: Int?) -> [StoredTensor] {
        let rows = 0..<specification.shape[0]
        func copy(_ name: String) -> [StoredTensor] {
            guard configuration.numNextnPredictLayers > 0 else { return [] }
            return [StoredTensor("model.layers.\(configuration.numHiddenLayers)." + name, rows: rows, isCopy: true)]
        }
        switch specification.name {
        case "embed": return [StoredTensor("model.embed_tokens.weight", rows: rows)] + copy("embed_tokens.weight")
        case "norm": return [StoredTensor("model.norm.weight", rows: rows)]
        case "head": return [StoredTensor("lm_head.weight", rows: rows)] + copy("shared_head.head.weight")
        default: return layerTensors(of: specification, expert: expert)
        }
    }

    private func layerTensors(of specification: ParameterSpecification, expert: Int?) -> [StoredTensor] {
        let rows = 0..<specification.shape[0]
        // Names have the form layers.<index>.<rest>.
        let parts = specification.name.split(separator: ".", maxSplits: 2).map(String.init)
        let prefix = "model.layers.\(parts[1])."
        let network: String
        switch parts[2] {
        case "up", "down": network = "mlp."
        case "shared.up", "shared.down": network = "mlp.shared_experts."
        case "experts.up", "experts.down": network = "mlp.experts.\(expert ?? 0)."
        default: return [StoredTensor(prefix + (Self.names[parts[2]] ?? parts[2]), rows: rows)]
        }
        guard parts[2].hasSuffix("up") else { return [StoredTensor(prefix + network + "down_proj.weight", rows: rows)] }
        let half = rows.count / 2
        return [
            StoredTensor(prefix + network + "gate_proj.weight", rows: 0..<half),
            StoredTensor(prefix + network + "up_proj.weight", rows: half..<rows.count),
        ]
    }

    private static let names = [
        "attn_norm": "input_layernorm.weight",
        "wq_a": "self_attn.q_a_proj.weight",
        "q_norm": "self_attn.q_a_layernorm.weight",
        "wq_b": "self_attn.q_b_proj.weight",
        "wkv_a": "self_attn.kv_a_proj_with_mqa.weight",
        "kv_norm": "self_attn.kv_a_layernorm.weight",
        "wkv_b": "self_attn.kv_b_proj.weight",
        "wo": "self_attn.o_proj.weight",
        "ffn_norm": "post_attention_layernorm.weight",
        "gate": "mlp.gate.weight",
        "bias": "mlp.gate.e_score_correction_bias",
        "enorm": "enorm.weight",
        "hnorm": "hnorm.weight",
        "eh_proj": "eh_proj.weight",
        "mtp_norm": "shared_head.norm.weight",
    ]
}
