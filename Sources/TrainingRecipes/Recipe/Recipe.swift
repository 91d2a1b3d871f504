/// Everything that decides a training run: the model, how it is laid out, what it learns from, and how.
///
/// A preset is a value of this type; a TOML file and `--section.key value` options change it. Keys in files are those of
/// ``fields``, which also says what each means.
public struct Recipe: Hashable, Sendable {
    /// The model's sizes.
    public var model = ModelSection()
    /// How the model lies on ranks.
    public var layout = LayoutSection()
    /// What a step sees.
    public var batch = BatchSection()
    /// What is learned from.
    public var data = DataSection()
    /// How parameters change.
    public var optimizer = OptimizerSection()
    /// How long, from where, and what is kept.
    public var run = RunSection()

    /// The recipe of the `shakespeare` preset.
    public init() {}

    /// The model's sizes, by the names of DeepSeek-V3's report.
    public struct ModelSection: Hashable, Sendable {
        /// Entries of the vocabulary.
        public var vocabulary = 256
        /// Width of the residual stream.
        public var width = 128
        /// Transformer layers.
        public var layers = 8
        /// Layers, from the first, with a dense network.
        public var denseLayers = 1
        /// Attention heads.
        public var heads = 4
        /// Width of the compressed queries.
        public var queryRank = 64
        /// Width of the compressed keys and values.
        public var keyValueRank = 32
        /// Dimensions of a head without position.
        public var plainHeadWidth = 32
        /// Dimensions of a head with rotary position.
        public var rotaryHeadWidth = 16
        /// Dimensions of a head's values.
        public var valueHeadWidth = 32
        /// Inner width of dense networks.
        public var denseInnerWidth = 384
        /// Inner width of an expert.
        public var expertInnerWidth = 96
        /// Routed experts of a layer.
        public var experts = 8
        /// Shared experts of a layer.
        public var sharedExperts = 1
        /// Routed experts that a token chooses.
        public var chosenExperts = 2
        /// Groups that experts are chosen within.
        public var groups = 4
        /// Groups that a token may choose from.
        public var chosenGroups = 2
        /// What routing weights are multiplied by.
        public var routingScale = 2.5
        /// The base of rotary frequencies.
        public var rotaryBase = 10_000.0
        /// Depths of multi-token prediction: 0 or 1.
        public var predictionDepth = 1
        /// Weight of the multi-token loss.
        public var predictionWeight = 0.3
        /// Weight of the sequence-wise balance loss.
        public var balanceWeight = 1e-4
        /// How far a step moves the gate's biases.
        public var biasRate = 1e-2
        /// Standard deviation of the initial weights.
        public var startDeviation = 0.02
        /// float32, float64 or bfloat16.
        public var type = "float32"

        /// The `shakespeare` preset's model.
        public init() {}
    }

    /// How the model lies on ranks.
    public struct LayoutSection: Hashable, Sendable {
        /// Ranks of the pipeline.
        public var pipeline = 4
        /// Ranks of an expert-parallel group.
        public var experts = 2
        /// The schedule's name, or a CSV file.
        public var schedule = "dualpipe"
        /// Stages a rank of interleaved schedules.
        public var chunks = 2
        /// Chains of a schedule that is read from a CSV file.
        public var chains = 1
        /// What the way back computes anew instead of keeping it: none, experts or all.
        public var recompute = "none"
        /// What runs while exchanges of tokens are under way: `overlapped` or `none`.
        public var overlap = "overlapped"
        /// What ranks compute on: cpu, or cuda, a device a rank.
        public var device = "cpu"
        /// Compute threads a rank.
        public var threads = 1

        /// The `shakespeare` preset's layout.
        public init() {}
    }

    /// What a step sees.
    public struct BatchSection: Hashable, Sendable {
        /// Sequences of a step, over all micro-batches and ranks.
        public var sequences = 32
        /// Micro-batches of a step, over all chains.
        public var microbatches = 8
        /// Tokens of a sequence.
        public var length = 64

        /// The `shakespeare` preset's batch.
        public init() {}
    }

    /// What is learned from.
    public struct DataSection: Hashable, Sendable {
        /// A text file, a folder of text files, or a file of tokens.
        public var path = "data/shakespeare"
        /// What the files hold, as a ``TokenType``: bytes of text, or tokens as uint8, uint16 or uint32.
        public var tokens = "bytes"
        /// The part of every file, from its end, that is held out.
        public var heldOut = 0.05

        /// The `shakespeare` preset's data.
        public init() {}
    }

    /// How parameters change: AdamW under a warm-up and a cosine.
    public struct OptimizerSection: Hashable, Sendable {
        /// The highest learning rate.
        public var rate = 6e-3
        /// The lowest, at the end.
        public var finalRate = 3e-4
        /// Steps until the highest rate.
        public var warmUpSteps = 15
        /// Decay of the first moment.
        public var beta1 = 0.9
        /// Decay of the second moment.
        public var beta2 = 0.95
        /// Added to the root of the second moment.
        public var epsilon = 1e-8
        /// Weight decay, of matrices alone.
        public var decay = 0.1
        /// The norm beyond which gradients are scaled down; 0 for none.
        public var maximumNorm = 1.0

        /// The `shakespeare` preset's optimizer.
        public init() {}
    }

    /// How long, from where, and what is kept.
    public struct RunSection: Hashable, Sendable {
        /// What the run is called.
        public var name = "shakespeare"
        /// Where run folders are made.
        public var folder = "runs"
        /// Steps of training.
        public var steps = 180
        /// Decides every random number.
        public var seed = 1
        /// Steps between two looks at the held-out part; 0 for one at the end.
        public var validationInterval = 45
        /// Steps between two checkpoints; 0 for one at the end.
        public var checkpointInterval = 50
        /// Batches of such a look.
        public var validationBatches = 4

        /// The `shakespeare` preset's run.
        public init() {}
    }

    /// The ranks that the layout asks for.
    public var grid: DeviceMesh { DeviceMesh(pipeline: layout.pipeline, experts: layout.experts) }
}
