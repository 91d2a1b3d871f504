extension Recipe {
    /// The loss on data that is not trained on, by torchtitan's names.
    public struct ValidationSection: Hashable, Sendable {
        /// Steps between two validations; 0 for one at the end.
        public var freq = 45
        /// Batches per validation.
        public var steps = 4
        /// The part of every file, from its end, that is held out for validation (Megatron's `split`).
        public var split = 0.05

        /// The `shakespeare` preset's validation.
        public init() {}
    }
}
