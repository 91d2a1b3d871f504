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
            /// The activations of shared and routed experts.
            case selective
            /// All activations of a layer, except those of its exchanges. This mode takes the least memory.
            case full
        }
    }
}
