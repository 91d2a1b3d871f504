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
        let head = plainHeadWidth + rotaryHeadWidth
        let queries = width * queryRank + queryRank * heads * head
        let keysAndValues =
            width * (keyValueRank + rotaryHeadWidth) + keyValueRank * heads * (plainHeadWidth + valueHeadWidth)
        let norms = 2 * width + queryRank + keyValueRank
        return ParameterCount(
            vocabulary: 2 * vocabulary * width,
            attention: queries + keysAndValues + heads * valueHeadWidth * width + norms,
            denseNetwork: 3 * width * denseInnerWidth,
            expert: 3 * width * expertInnerWidth,
            gate: experts * width + experts,
            predictionJoin: 2 * width * width + 3 * width)
    }

    /// All parameters, those of multi-token prediction included.
    public var totalParameters: Int { layerSum(experts: experts) }

    /// The parameters that a token passes through.
    public var activeParameters: Int { layerSum(experts: chosenExperts) }

    private func layerSum(experts: Int) -> Int {
        let count = parameterCount
        let layers = (0..<layers + predictionDepth).reduce(0) {
            $0 + count.layer(isDense: $1 < denseLayers, experts: experts, shared: sharedExperts)
        }
        return count.vocabulary + width + layers + predictionDepth * count.predictionJoin
    }
}
