extension Recipe.ModelSection {
    /// The numbers of parameters of the model's parts.
    public struct ParameterCount: Hashable, Sendable {
        /// The parameters of the embedding and the head.
        public let vocabulary: Int
        /// The parameters of the attention and the norms of one layer.
        public let attention: Int
        /// The parameters of one dense network.
        public let denseNetwork: Int
        /// The parameters of one expert.
        public let expert: Int
        /// The parameters of the gate of one layer.
        public let gate: Int
        /// The parameters of the projection and the norms that multi-token prediction has before its layer.
        public let predictionJoin: Int

        /// Returns the parameters of a layer with `experts` routed and `shared` shared experts.
        public func layer(isDense: Bool, experts: Int, shared: Int) -> Int {
            attention + (isDense ? denseNetwork : gate + (experts + shared) * expert)
        }
    }

    /// The numbers of parameters of the model's parts.
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

    /// The number of all parameters, including those of multi-token prediction.
    public var totalParameters: Int { layerSum(experts: nRoutedExperts) }

    /// The number of parameters that one token uses.
    public var activeParameters: Int { layerSum(experts: numExpertsPerTok) }

    private func layerSum(experts: Int) -> Int {
        let count = parameterCount
        let layers = (0..<numHiddenLayers + numNextnPredictLayers).reduce(0) {
            $0 + count.layer(isDense: $1 < firstKDenseReplace, experts: experts, shared: nSharedExperts)
        }
        return count.vocabulary + hiddenSize + layers + numNextnPredictLayers * count.predictionJoin
    }
}
