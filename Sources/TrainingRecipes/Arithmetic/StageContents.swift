package import PipelineSchedules

/// Which parts of the model a stage or a rank holds.
package struct StageContents: Hashable, Sendable {
    /// The transformer layers.
    package var layers: Set<Int> = []
    /// Whether the table of embeddings is there.
    package var hasEmbedding = false
    /// Whether the final norm and the projection to the vocabulary are there.
    package var hasHead = false
    /// Whether multi-token prediction's own layer is there.
    package var predicts = false

    /// Nothing.
    package init() {}

    /// Adds what `other` holds; what both hold stays one.
    package mutating func formUnion(_ other: StageContents) {
        layers.formUnion(other.layers)
        hasEmbedding = hasEmbedding || other.hasEmbedding
        hasHead = hasHead || other.hasHead
        predicts = predicts || other.predicts
    }
}

extension Recipe {
    /// What each stage of a schedule holds: a chain is a whole copy of the model in equal shares of layers, the
    /// embedding in its first stage, head and multi-token prediction, with the embedding again, in its last.
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

    /// What each rank of a schedule holds, over all its stages.
    package func rankContents(_ schedule: Schedule) -> [StageContents] {
        let stages = stageContents(schedule)
        return schedule.rows.indices.map { rank in
            schedule.stages(ofRank: rank).reduce(into: StageContents()) { $0.formUnion(stages[$1]) }
        }
    }

    /// The parameters that a rank has in memory which holds these parts and its share of the routed experts.
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
