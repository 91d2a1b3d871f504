extension Recipe {
    /// The settings of AdamW, by torchtitan's names.
    public struct OptimizerSection: Hashable, Sendable {
        /// The highest learning rate.
        public var lr = 6e-3
        /// Decay of the first moment.
        public var beta1 = 0.9
        /// Decay of the second moment.
        public var beta2 = 0.95
        /// Added to the root of the second moment.
        public var eps = 1e-8
        /// Weight decay, of matrices alone.
        public var weightDecay = 0.1

        /// The `shakespeare` preset's optimizer.
        public init() {}
    }
}
