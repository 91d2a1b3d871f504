package import PipelineSchedules

/// The parts of the model that a stage or a rank holds.
package struct StageContents: Hashable, Sendable {
    /// The transformer layers.
    package var layers: Set<Int> = []
    /// Whether the contents include the embedding.
    package var hasEmbedding = false
    /// Whether the contents include the head: the final norm and the projection to the vocabulary.
    package var hasHead = false
    /// Whether the contents include the layer of multi-token prediction.
    package var predicts = false

    /// Creates empty contents.
    package init() {}

    /// Adds the contents of `other`. Parts that both hold are counted once.
    package mutating func formUnion(_ other: StageContents) {
        layers.formUnion(other.layers)
        hasEmbedding = hasEmbedding || other.hasEmbedding
        hasHead = hasHead || other.hasHead
        predicts = predicts || other.predicts
    }
}

extension Recipe {
    /// Returns the contents of each stage of a schedule.
    ///
    /// Each chain is a copy of the model, with equal shares of layers per stage. Its first stage has the embedding. Its
    /// last stage has the head and multi-token prediction, which needs the embedding again.
    package func stageContents(_ schedule: Schedule) -> [StageContents] {
        schedule.chains.flatMap { chain in
            let shares = EqualShares(of: model.numHiddenLayers, into: chain.stages.count)
            return shares.indices.map { stage in
                var contents = StageContents()
                contents.layers = Set(shares[stage])
                contents.hasHead = stage == shares.count - 1
                contents.predicts = contents.hasHead && model.numNextnPredictLayers > 0
                contents.hasEmbedding = stage == 0 || contents.predicts
                return contents
            }
        }
    }

    /// Returns the contents of each rank of a schedule, over all its stages.
    package func rankContents(_ schedule: Schedule) -> [StageContents] {
        let stages = stageContents(schedule)
        return schedule.rows.indices.map { rank in
            schedule.stages(ofRank: rank).reduce(into: StageContents()) { $0.formUnion(stages[$1]) }
        }
    }

    /// Returns the number of parameters in the memory of a rank with these contents, including its share of the routed
    /// experts.
    package func parameters(of contents: StageContents) -> Int {
        let count = model.parameterCount
        func layer(_ index: Int) -> Int {
            count.layer(
                isDense: index < model.firstKDenseReplace,
                experts: model.nRoutedExperts / parallelism.expertParallelDegree, shared: model.nSharedExperts
            )
        }
        let table = model.vocabSize * model.hiddenSize
        return contents.layers.reduce(0) { $0 + layer($1) } + (contents.hasEmbedding ? table : 0)
            + (contents.hasHead ? table + model.hiddenSize : 0)
            + (contents.predicts ? count.predictionJoin + layer(model.numHiddenLayers) : 0)
    }
}
