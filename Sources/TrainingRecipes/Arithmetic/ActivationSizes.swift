/// The number of elements that the forward pass of one micro-batch keeps on one rank for the backward pass.
///
/// The number is an estimate from the tensors that autograd keeps in each part of a layer, for evenly routed tokens.
struct ActivationSizes {
    private let attention, dense, experts, head, join: Double
    private let recipe: Recipe

    init(_ recipe: Recipe) {
        self.recipe = recipe
        let m = recipe.model
        let shares = recipe.parallelism.numMicrobatches * recipe.parallelism.expertParallelDegree
        let sequences = recipe.training.globalBatchSize / shares
        let tokens = Double(sequences * recipe.training.seqLen)
        let headWidth = m.qkNopeHeadDim + m.qkRopeHeadDim
        // The input, its norm, the output of the output projection, and the sum.
        let stream = 4 * m.hiddenSize
        let queries = 2 * m.qLoraRank + 3 * m.numAttentionHeads * headWidth
        let keysAndValues =
            2 * m.kvLoraRank + 2 * m.qkRopeHeadDim + m.numAttentionHeads * (2 * m.qkNopeHeadDim + 2 * m.vHeadDim)
            + m.numAttentionHeads * headWidth
        let scores = m.numAttentionHeads * recipe.training.seqLen
        attention = tokens * Double(stream + queries + keysAndValues + scores + 2 * m.numAttentionHeads * m.vHeadDim)
        dense = tokens * Double(3 * m.hiddenSize + 4 * m.intermediateSize)
        let shared = 4 * m.nSharedExperts * m.moeIntermediateSize + (m.nSharedExperts > 0 ? m.hiddenSize : 0)
        // Seven copies of a token's rows: before dispatch, after dispatch, sorted, expert output, sorted back, after
        // combine, gathered.
        let rows = m.numExpertsPerTok * (7 * m.hiddenSize + 3 * m.moeIntermediateSize)
        experts = tokens * Double(3 * m.hiddenSize + 4 * m.nRoutedExperts + shared + rows)
        head = tokens * Double(2 * m.hiddenSize + 2 * m.vocabSize)
        join = tokens * Double(5 * m.hiddenSize)
    }

    /// Returns the number of elements that a stage with these contents keeps.
    func elements(of contents: StageContents) -> Double {
        func layer(_ index: Int) -> Double { attention + (index < recipe.model.firstKDenseReplace ? dense : experts) }
        return contents.layers.reduce(0) { $0 + layer($1) } + (contents.hasHead ? head : 0)
            + (contents.predicts ? join + layer(recipe.model.numHiddenLayers) + head : 0)
    }
}
