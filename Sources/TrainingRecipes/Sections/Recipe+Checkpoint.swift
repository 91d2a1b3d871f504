extension Recipe {
    /// The checkpoints that an interrupted run continues from, by torchtitan's names.
    public struct CheckpointSection: Hashable, Sendable {
        /// Steps between two checkpoints; 0 for one at the end.
        public var interval = 50

        /// The `shakespeare` preset's checkpoints.
        public init() {}
    }
}
