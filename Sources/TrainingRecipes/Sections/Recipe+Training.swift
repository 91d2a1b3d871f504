extension Recipe {
    /// The steps, their batches and their data, by torchtitan's names.
    public struct TrainingSection: Hashable, Sendable {
        /// Steps of training.
        public var steps = 180
        /// Tokens per sequence.
        public var seqLen = 64
        /// Sequences per step, over all micro-batches and ranks.
        public var globalBatchSize = 32
        /// The norm beyond which gradients are scaled down; 0 for none.
        public var maxNorm = 1.0
        /// The seed of every random number.
        public var seed = 1
        /// The path of a text file, a folder of text files, or a file of tokens.
        public var datasetPath = "data/shakespeare"
        /// The form of tokens in the files.
        public var datasetFormat = DatasetFormat.bytes
        /// The device that ranks compute on.
        public var device = DeviceType.cpu
        /// Compute threads per rank.
        public var numThreads = 1

        /// The `shakespeare` preset's training.
        public init() {}
    }
}
