extension Recipe {
    /// The progress and the events that a run writes, by torchtitan's names.
    public struct MetricsSection: Hashable, Sendable {
        /// Steps between two lines of progress if standard error is no terminal; 0 for about twenty lines per run.
        public var logFreq = 0
        /// Whether the run's folder gets events for TensorBoard.
        public var enableTensorboard = true

        /// The `shakespeare` preset's metrics.
        public init() {}
    }
}
