extension Recipe {
    /// The steps, their batches and their data, with torchtitan's names.
    public struct TrainingSection: Hashable, Sendable {
        /// The number of training steps.
        public var steps = 180
        /// The number of tokens per sequence.
        public var seqLen = 64
        /// The number of sequences per step, over all micro-batches and ranks.
        public var globalBatchSize = 32
        /// The norm that gradients are clipped to; 0 for no clipping.
        public var maxNorm = 1.0
        /// The reaction to a loss or gradient that is NaN or infinite.
        public var onNonfinite = NonFiniteReaction.stop
        /// The seed of all random numbers.
        public var seed = 1
        /// The paths of the sources: text files, folders of text files, files of tokens, or folders of
        /// `contraflow.tokenize`.
        public var datasetPath = ["data/shakespeare"]
        /// The weights of several sources, in any scale; empty for the sources' sizes.
        public var datasetWeights: [Double] = []
        /// The format of the tokens in the files.
        public var datasetFormat = DatasetFormat.bytes
        /// The device that ranks compute on.
        public var device = DeviceType.cpu
        /// The number of ranks that share a CUDA device, to try layouts of more ranks than devices.
        public var ranksPerDevice = 1
        /// The number of compute threads per rank.
        public var numThreads = 1

        /// Creates the section of the `shakespeare` preset.
        public init() {}
    }
}
