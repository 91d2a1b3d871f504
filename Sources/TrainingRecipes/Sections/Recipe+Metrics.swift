extension Recipe {
    /// The progress lines and the TensorBoard events that a run writes, with torchtitan's names.
    public struct MetricsSection: Hashable, Sendable {
        /// The number of steps between progress lines if standard error is not a terminal; 0 for about twenty lines per
        /// run.
        public var logFreq = 0
        /// Whether the run writes TensorBoard events to its folder.
        public var enableTensorboard = true

        /// Creates the section of the `shakespeare` preset.
        public init() {}
    }
}
