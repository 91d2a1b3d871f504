extension Recipe {
    /// The schedule of the learning rate, with torchtitan's names: a linear warm-up, then a decay until the last step.
    public struct LRSchedulerSection: Hashable, Sendable {
        /// The number of steps until the highest learning rate.
        public var warmupSteps = 15
        /// The curve from the highest learning rate to the lowest.
        public var decayType = DecayType.cosine
        /// The ratio of the learning rate of the last step to the highest learning rate.
        public var minLRFactor = 0.05

        /// Creates the section of the `shakespeare` preset.
        public init() {}

        /// The curve of a decay, as torchtitan defines it.
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
