extension Recipe {
    /// The activations that the backward pass recomputes, with torchtitan's names.
    public struct ActivationCheckpointSection: Hashable, Sendable {
        /// The selection of activations.
        public var mode = Mode.none

        /// Creates the section of the `shakespeare` preset.
        public init() {}

        /// The activations that the backward pass recomputes instead of keeping them in memory.
        public enum Mode: String, RecipeWord {
            /// No activations. This mode is the fastest.
            case none
            /// The outputs of norms and of the up-projections of latent attention, as DeepSeek-V3 does. The active units
            /// of SwiGLU networks are recomputed in every mode.
            case selective
            /// All activations of a layer, except the inputs of its segments: the stream before attention, the rows of
            /// the experts, and the input of the shared experts. The heads keep their logits. This mode takes the least
            /// memory.
            case full
        }
    }
}
