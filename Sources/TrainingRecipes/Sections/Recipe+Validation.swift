extension Recipe {
    /// The validation on held-out data, with torchtitan's names.
    public struct ValidationSection: Hashable, Sendable {
        /// The number of steps between validations; 0 for one validation at the end.
        public var freq = 45
        /// The number of batches per validation.
        public var steps = 4
        /// The share of each file, at its end, that is held out for validation (Megatron's `split`).
        public var split = 0.05

        /// Creates the section of the `shakespeare` preset.
        public init() {}
    }
}
