extension Recipe {
    /// The activations that the backward recomputes, by torchtitan's names.
    public struct ActivationCheckpointSection: Hashable, Sendable {
        /// Which activations are recomputed.
        public var mode = Mode.none

        /// The `shakespeare` preset's mode.
        public init() {}

        /// Which activations the backward recomputes instead of reading them from memory.
        public enum Mode: String, RecipeWord {
            /// None: the fastest.
            case none
            /// Those of shared and routed experts.
            case selective
            /// Those of whole layers but for their exchanges: the least memory.
            case full
        }
    }
}
