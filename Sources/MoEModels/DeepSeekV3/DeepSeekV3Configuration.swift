public import LibTorch

/// The sizes of a DeepSeek-V3-style model, by the names of Hugging Face's configuration.
///
/// One property per key of that configuration, hence more than fifteen. Source: DeepSeek-V3 technical report, 2024, and
/// its published configuration.
public struct DeepSeekV3Configuration: Hashable, Sendable {
    /// Entries of the vocabulary.
    public var vocabSize: Int
    /// Width of the residual stream, D.
    public var hiddenSize: Int
    /// Transformer layers, without those of multi-token prediction.
    public var numHiddenLayers: Int
    /// Layers, from the first, with a dense feed-forward network.
    public var firstKDenseReplace: Int
    /// Attention heads.
    public var numAttentionHeads: Int
    /// Width of the compressed queries.
    public var qLoraRank: Int
    /// Width of the compressed keys and values: what a KV cache keeps beside the rotary key.
    public var kvLoraRank: Int
    /// Dimensions of a head's queries and keys without position.
    public var qkNopeHeadDim: Int
    /// Dimensions of a head's queries and keys with rotary position.
    public var qkRopeHeadDim: Int
    /// Dimensions of a head's values.
    public var vHeadDim: Int
    /// Inner width of dense feed-forward networks.
    public var intermediateSize: Int
    /// Inner width of one expert.
    public var moeIntermediateSize: Int
    /// Routed experts per layer.
    public var nRoutedExperts: Int
    /// Shared experts per layer.
    public var nSharedExperts: Int
    /// Routed experts per token, K.
    public var numExpertsPerTok: Int
    /// Groups that experts are chosen within.
    public var nGroup: Int
    /// Groups that a token may choose from.
    public var topkGroup: Int
    /// The factor of the routing weights, which add up to one.
    public var routedScalingFactor: Double
    /// The base of rotary frequencies.
    public var ropeTheta: Double
    /// YaRN's stretch of positions; nil for a model that runs at its trained length.
    public var ropeScaling: RotaryFrequencies.Scaling?
    /// The most positions of a sequence.
    public var maxPositionEmbeddings: Int
    /// The ε of normalisations.
    public var rmsNormEps: Double
    /// Depths of multi-token prediction: 0 or 1.
    public var numNextnPredictLayers: Int
    /// Weight of the multi-token loss.
    public var mtpLossScalingFactor: Double
    /// Weight α of the sequence-wise balance loss.
    public var auxLossAlpha: Double
    /// The change of the gate's biases per step, u.
    public var moeRouterBiasUpdateRate: Double
    /// Standard deviation of the initial weights.
    public var initializerRange: Double
    /// The activations that the backward recomputes.
    public var recomputation = Recomputation.none
    /// The type of parameters and activations.
    public var dtype: ElementType

    /// The segments that keep their inputs alone for the backward, which runs them again.
    public enum Recomputation: String, Hashable, Sendable, CaseIterable {
        /// None: the fastest.
        case none
        /// Shared and routed experts.
        case selective
        /// Whole layers but for their exchanges: the least memory.
        case full
    }

    /// A configuration; what is not given is DeepSeek-V3's own.
    public init(
        vocabSize: Int, hiddenSize: Int, numHiddenLayers: Int, firstKDenseReplace: Int, numAttentionHeads: Int,
        qLoraRank: Int, kvLoraRank: Int, qkNopeHeadDim: Int, qkRopeHeadDim: Int, vHeadDim: Int, intermediateSize: Int,
        moeIntermediateSize: Int, nRoutedExperts: Int, nSharedExperts: Int = 1, numExpertsPerTok: Int, nGroup: Int = 1,
        topkGroup: Int = 1, routedScalingFactor: Double = 2.5, ropeTheta: Double = 10_000,
        ropeScaling: RotaryFrequencies.Scaling? = nil, maxPositionEmbeddings: Int, rmsNormEps: Double = 1e-6,
        numNextnPredictLayers: Int = 1, mtpLossScalingFactor: Double = 0.3, auxLossAlpha: Double = 1e-4,
        moeRouterBiasUpdateRate: Double = 1e-3, initializerRange: Double = 0.006, dtype: ElementType = .float32
    ) {
        self.vocabSize = vocabSize
        self.hiddenSize = hiddenSize
        self.numHiddenLayers = numHiddenLayers
        self.firstKDenseReplace = firstKDenseReplace
        self.numAttentionHeads = numAttentionHeads
        self.qLoraRank = qLoraRank
        self.kvLoraRank = kvLoraRank
        self.qkNopeHeadDim = qkNopeHeadDim
        self.qkRopeHeadDim = qkRopeHeadDim
        self.vHeadDim = vHeadDim
        self.intermediateSize = intermediateSize
        self.moeIntermediateSize = moeIntermediateSize
        self.nRoutedExperts = nRoutedExperts
        self.nSharedExperts = nSharedExperts
        self.numExpertsPerTok = numExpertsPerTok
        self.nGroup = nGroup
        self.topkGroup = topkGroup
        self.routedScalingFactor = routedScalingFactor
        self.ropeTheta = ropeTheta
        self.ropeScaling = ropeScaling
        self.maxPositionEmbeddings = maxPositionEmbeddings
        self.rmsNormEps = rmsNormEps
        self.numNextnPredictLayers = numNextnPredictLayers
        self.mtpLossScalingFactor = mtpLossScalingFactor
        self.auxLossAlpha = auxLossAlpha
        self.moeRouterBiasUpdateRate = moeRouterBiasUpdateRate
        self.initializerRange = initializerRange
        self.dtype = dtype
    }
}
