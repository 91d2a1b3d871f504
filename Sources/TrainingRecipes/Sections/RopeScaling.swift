extension Recipe {
    /// The stretch of rotary positions beyond the length that a model was first trained at: Hugging Face's
    /// `rope_scaling`.
    public struct RopeScaling: Hashable, Sendable {
        /// The method (`type`, or `rope_type`); with ``Method/default`` no other property has an effect.
        public var type = Method.default
        /// The longest sequence over the original one (`factor`).
        public var factor = 1.0
        /// Tokens of the longest sequence before the stretch (`original_max_position_embeddings`).
        public var originalMaxPositionEmbeddings = 4096
        /// Rotations over the original length above which a frequency stays unchanged (`beta_fast`).
        public var betaFast = 32.0
        /// Rotations over the original length below which a frequency is divided by the factor (`beta_slow`).
        public var betaSlow = 1.0
        /// The weight of the logarithmic correction of rotated queries and keys (`mscale`).
        public var mscale = 1.0
        /// The weight of the logarithmic correction of attention scores; equal to ``mscale`` (`mscale_all_dim`).
        public var mscaleAllDim = 1.0

        /// No stretch.
        public init() {}

        /// How positions are stretched.
        public enum Method: String, RecipeWord {
            /// Not at all.
            case `default`
            /// By YaRN (Peng et al., 2023).
            case yarn
        }
    }
}
