extension Recipe {
    /// The checkpoints that an interrupted run continues from, with torchtitan's names.
    public struct CheckpointSection: Hashable, Sendable {
        /// Whether the run saves checkpoints and, at its end, the weights.
        public var enable = true
        /// The number of steps between checkpoints; 0 for one checkpoint at the end.
        public var interval = 50
        /// The number of the newest checkpoints that are kept. The one with the least validation loss is kept too.
        public var keepLatestK = 2

        /// Creates the section of the `shakespeare` preset.
        public init() {}
    }
}
