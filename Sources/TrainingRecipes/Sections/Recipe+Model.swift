extension Recipe {
    /// The sizes of the model, with the names of Hugging Face's configuration of DeepSeek-V3.
    ///
    /// The type has more than fifteen properties, because it has one per key of that configuration.
    public struct ModelSection: Hashable, Sendable {
        /// The folder of weights in Hugging Face's format that training starts from; empty for random weights.
        public var weights = ""
        /// Entries of the vocabulary (`vocab_size`).
        public var vocabSize = 256
        /// Width of the residual stream (`hidden_size`).
        public var hiddenSize = 128
        /// Transformer layers, without those of multi-token prediction (`num_hidden_layers`).
        public var numHiddenLayers = 8
        /// Layers, from the first, with a dense network (`first_k_dense_replace`).
        public var firstKDenseReplace = 1
        /// Attention heads (`num_attention_heads`).
        public var numAttentionHeads = 4
        /// Width of the compressed queries (`q_lora_rank`).
        public var qLoraRank = 64
        /// Width of the compressed keys and values (`kv_lora_rank`).
        public var kvLoraRank = 32
        /// Dimensions of a head's queries and keys without position (`qk_nope_head_dim`).
        public var qkNopeHeadDim = 32
        /// Dimensions of a head's queries and keys with rotary position, an even number (`qk_rope_head_dim`).
        public var qkRopeHeadDim = 16
        /// Dimensions of a head's values (`v_head_dim`).
        public var vHeadDim = 32
        /// Inner width of dense networks (`intermediate_size`).
        public var intermediateSize = 384
        /// Inner width of an expert (`moe_intermediate_size`).
        public var moeIntermediateSize = 96
        /// Routed experts per layer (`n_routed_experts`).
        public var nRoutedExperts = 8
        /// Shared experts per layer (`n_shared_experts`).
        public var nSharedExperts = 1
        /// Routed experts per token (`num_experts_per_tok`).
        public var numExpertsPerTok = 2
        /// Groups of routed experts (`n_group`).
        public var nGroup = 4
        /// Groups that the experts of a token are chosen from (`topk_group`).
        public var topkGroup = 2
        /// The factor of the routing weights, which add up to 1 before it (`routed_scaling_factor`).
        public var routedScalingFactor = 2.5
        /// The base θ of rotary frequencies (`rope_theta`).
        public var ropeTheta = 10_000.0
        /// The scaling of rotary positions (`rope_scaling`).
        public var ropeScaling = RopeScaling()
        /// The ε of RMS norms (`rms_norm_eps`).
        public var rmsNormEps = 1e-6
        /// The longest sequence, in tokens; 0 for `training.seq_len` (`max_position_embeddings`).
        public var maxPositionEmbeddings = 0
        /// Depths of multi-token prediction: 0 or 1 (`num_nextn_predict_layers`).
        public var numNextnPredictLayers = 1
        /// Weight of the multi-token loss (Megatron's `mtp_loss_scaling_factor`).
        public var mtpLossScalingFactor = 0.3
        /// Weight α of the sequence-wise balance loss (`aux_loss_alpha`).
        public var auxLossAlpha = 1e-4
        /// The change of the gate's biases per step (Megatron's `moe_router_bias_update_rate`).
        public var moeRouterBiasUpdateRate = 1e-2
        /// Standard deviation of the initial weights (`initializer_range`).
        public var initializerRange = 0.02
        /// The data type of parameters and activations (`dtype`, formerly `torch_dtype`).
        public var dtype = DataType.auto

        /// Creates the section of the `shakespeare` preset.
        public init() {}
    }
}
