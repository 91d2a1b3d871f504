extension Recipe {
    /// The settings of AdamW, with torchtitan's names.
    public struct OptimizerSection: Hashable, Sendable {
        /// The highest learning rate.
        public var lr = 6e-3
        /// The decay of the first moment.
        public var beta1 = 0.9
        /// The decay of the second moment.
        public var beta2 = 0.95
        /// The ε that is added to the root of the second moment.
        public var eps = 1e-8
        /// The weight decay, which applies only to matrices.
        public var weightDecay = 0.1

        /// Creates the section of the `shakespeare` preset.
        public init() {}
    }
}
