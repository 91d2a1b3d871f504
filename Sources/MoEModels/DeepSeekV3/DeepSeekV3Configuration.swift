public import LibTorch

/// The sizes of a DeepSeek-V3-style model.
///
/// Source: DeepSeek-V3 technical report, 2024, and the names of its published configuration.
public struct DeepSeekV3Configuration: Hashable, Sendable {
    /// Entries of the vocabulary.
    public var vocabulary: Int
    /// Width of the residual stream, D.
    public var width: Int
    /// Transformer layers, without those of multi-token prediction.
    public var layers: Int
    /// How many of the first layers have a dense feed-forward network.
    public var denseLayers: Int
    /// Attention heads.
    public var heads: Int
    /// Width of the compressed queries.
    public var queryRank: Int
    /// Width of the compressed keys and values: what a KV cache keeps beside the rotary key.
    public var keyValueRank: Int
    /// Dimensions of a head without position.
    public var plainHeadWidth: Int
    /// Dimensions of a head with rotary position.
    public var rotaryHeadWidth: Int
    /// Dimensions of a head's values.
    public var valueHeadWidth: Int
    /// Inner width of dense feed-forward networks.
    public var denseInnerWidth: Int
    /// Inner width of one expert.
    public var expertInnerWidth: Int
    /// Routed experts of a layer.
    public var experts: Int
    /// Shared experts of a layer.
    public var sharedExperts: Int
    /// Routed experts that a token chooses, K.
    public var chosenExperts: Int
    /// Groups that experts are chosen within.
    public var groups: Int
    /// Groups that a token may choose from.
    public var chosenGroups: Int
    /// What the routing weights, which add up to one, are multiplied by.
    public var routingScale: Double
    /// The base of rotary frequencies.
    public var rotaryBase: Double
    /// YaRN's stretch, where the model runs beyond its trained length.
    public var stretch: RotaryFrequencies.Stretch?
    /// YaRN's factor on the attention's logarithmic correction.
    public var stretchAttentionFactor: Double
    /// The most positions of a sequence.
    public var maximumLength: Int
    /// The ε of normalisations.
    public var normEpsilon: Double
    /// Depths of multi-token prediction: 0 or 1.
    public var predictionDepth: Int
    /// Weight of the multi-token loss.
    public var predictionWeight: Double
    /// Weight α of the sequence-wise balance loss.
    public var balanceWeight: Double
    /// How far a step moves the gate's biases, u.
    public var biasRate: Double
    /// Standard deviation of the initial weights.
    public var startDeviation: Double
    /// Which segments the way back runs anew.
    public var recomputation = Recomputation.none
    /// The type of parameters and activations.
    public var elementType: ElementType

    /// Which segments keep their inputs alone for the way back, which runs them anew.
    public enum Recomputation: String, Hashable, Sendable, CaseIterable {
        /// None: the fastest.
        case none
        /// Shared and routed experts.
        case experts
        /// Whole layers but for their exchanges: the least memory.
        case all
    }

    /// A configuration; what is not given is DeepSeek-V3's own.
    public init(
        vocabulary: Int, width: Int, layers: Int, denseLayers: Int, heads: Int, queryRank: Int, keyValueRank: Int,
        plainHeadWidth: Int, rotaryHeadWidth: Int, valueHeadWidth: Int, denseInnerWidth: Int, expertInnerWidth: Int,
        experts: Int, sharedExperts: Int = 1, chosenExperts: Int, groups: Int = 1, chosenGroups: Int = 1,
        routingScale: Double = 2.5, rotaryBase: Double = 10_000, stretch: RotaryFrequencies.Stretch? = nil,
        stretchAttentionFactor: Double = 1, maximumLength: Int, normEpsilon: Double = 1e-6, predictionDepth: Int = 1,
        predictionWeight: Double = 0.3, balanceWeight: Double = 1e-4, biasRate: Double = 1e-3,
        startDeviation: Double = 0.006, elementType: ElementType = .float32
    ) {
        self.vocabulary = vocabulary
        self.width = width
        self.layers = layers
        self.denseLayers = denseLayers
        self.heads = heads
        self.queryRank = queryRank
        self.keyValueRank = keyValueRank
        self.plainHeadWidth = plainHeadWidth
        self.rotaryHeadWidth = rotaryHeadWidth
        self.valueHeadWidth = valueHeadWidth
        self.denseInnerWidth = denseInnerWidth
        self.expertInnerWidth = expertInnerWidth
        self.experts = experts
        self.sharedExperts = sharedExperts
        self.chosenExperts = chosenExperts
        self.groups = groups
        self.chosenGroups = chosenGroups
        self.routingScale = routingScale
        self.rotaryBase = rotaryBase
        self.stretch = stretch
        self.stretchAttentionFactor = stretchAttentionFactor
        self.maximumLength = maximumLength
        self.normEpsilon = normEpsilon
        self.predictionDepth = predictionDepth
        self.predictionWeight = predictionWeight
        self.balanceWeight = balanceWeight
        self.biasRate = biasRate
        self.startDeviation = startDeviation
        self.elementType = elementType
    }
}
