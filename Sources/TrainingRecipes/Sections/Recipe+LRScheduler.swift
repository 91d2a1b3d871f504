extension Recipe {
    /// The learning rate over the steps, by torchtitan's names: a linear warm-up, then a decay to the last step.
    public struct LRSchedulerSection: Hashable, Sendable {
        /// Steps until the highest learning rate.
        public var warmupSteps = 15
        /// The curve from the highest learning rate to the lowest.
        public var decayType = DecayType.cosine
        /// The learning rate of the last step over the highest.
        public var minLRFactor = 0.05

        /// The `shakespeare` preset's learning rates.
        public init() {}

        /// A curve, as torchtitan defines it.
        public enum DecayType: String, RecipeWord {
            /// Half a cosine.
            case cosine
            /// A straight line.
            case linear
            /// One minus the square root of the progress.
            case sqrt
        }
    }
}
