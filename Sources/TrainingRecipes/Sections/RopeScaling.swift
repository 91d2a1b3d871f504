extension Recipe {
    /// The scaling of rotary positions beyond the sequence length of the original training: Hugging Face's
    /// `rope_scaling`.
    public struct RopeScaling: Hashable, Sendable {
        /// The method (`type`, or `rope_type`). With ``Method/default``, the other properties have no effect.
        public var type = Method.default
        /// The ratio of the longest sequence to the original one (`factor`).
        public var factor = 1.0
        /// The longest sequence before the scaling, in tokens (`original_max_position_embeddings`).
        public var originalMaxPositionEmbeddings = 4096
        /// Rotations over the original length above which a frequency is unchanged (`beta_fast`).
        public var betaFast = 32.0
        /// Rotations over the original length below which a frequency is divided by the factor (`beta_slow`).
        public var betaSlow = 1.0
        /// The weight of the logarithmic correction of rotated queries and keys (`mscale`).
        public var mscale = 1.0
        /// The weight of the logarithmic correction of attention scores, which must equal ``mscale``
        /// (`mscale_all_dim`).
        public var mscaleAllDim = 1.0

        /// Creates a scaling that leaves positions unchanged.
        public init() {}

        /// The method of scaling positions.
        public enum Method: String, RecipeWord {
            /// No scaling.
            case `default`
            /// YaRN (Peng et al., 2023).
            case yarn
        }
    }
}
