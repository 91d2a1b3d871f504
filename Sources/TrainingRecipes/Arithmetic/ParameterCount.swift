extension Recipe.ModelSection {
    /// How many parameters the model has.
    public struct ParameterCount: Hashable, Sendable {
        /// Embedding and head.
        public let vocabulary: Int
        /// One layer's attention and norms.
        public let attention: Int
        /// One dense network.
        public let denseNetwork: Int
        /// One expert.
        public let expert: Int
        /// One layer's gate.
        public let gate: Int
        /// What joins the streams of multi-token prediction, beside its layer.
        public let predictionJoin: Int

        /// The parameters of a layer that holds `experts` routed and `shared` shared experts.
        public func layer(isDense: Bool, experts: Int, shared: Int) -> Int {
            attention + (isDense ? denseNetwork : gate + (experts + shared) * expert)
        }
    }

    /// The parts that parameters are counted by.
    public var parameterCount: ParameterCount {
        let queries = hiddenSize * qLoraRank + qLoraRank * numAttentionHeads * (qkNopeHeadDim + qkRopeHeadDim)
        let keysAndValues =
            hiddenSize * (kvLoraRank + qkRopeHeadDim) + kvLoraRank * numAttentionHeads * (qkNopeHeadDim + vHeadDim)
        let norms = 2 * hiddenSize + qLoraRank + kvLoraRank
        return ParameterCount(
            vocabulary: 2 * vocabSize * hiddenSize,
            attention: queries + keysAndValues + numAttentionHeads * vHeadDim * hiddenSize + norms,
            denseNetwork: 3 * hiddenSize * intermediateSize,
            expert: 3 * hiddenSize * moeIntermediateSize,
            gate: nRoutedExperts * hiddenSize + nRoutedExperts,
            predictionJoin: 2 * hiddenSize * hiddenSize + 3 * hiddenSize)
    }

    /// All parameters, those of multi-token prediction included.
    public var totalParameters: Int { layerSum(experts: nRoutedExperts) }

    /// The parameters that a token passes through.
    public var activeParameters: Int { layerSum(experts: numExpertsPerTok) }

    private func layerSum(experts: Int) -> Int {
        let count = parameterCount
        let layers = (0..<numHiddenLayers + numNextnPredictLayers).reduce(0) {
            $0 + count.layer(isDense: $1 < firstKDenseReplace, experts: experts, shared: nSharedExperts)
        }
        return count.vocabulary + hiddenSize + layers + numNextnPredictLayers * count.predictionJoin
    }
}
