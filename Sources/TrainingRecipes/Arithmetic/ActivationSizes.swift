/// How many numbers the forward of one micro-batch keeps on one rank for its backward.
///
/// An estimate by the tensors that autograd keeps in each part of a layer, with routed tokens spread evenly.
struct ActivationSizes {
    private let attention, dense, experts, head, join: Double
    private let recipe: Recipe

    init(_ recipe: Recipe) {
        self.recipe = recipe
        let m = recipe.model
        let sequences = recipe.batch.sequences / (recipe.batch.microbatches * recipe.layout.experts)
        let tokens = Double(sequences * recipe.batch.length)
        let headWidth = m.plainHeadWidth + m.rotaryHeadWidth
        // Input, its norm, what the output projection gives, and the sum.
        let stream = 4 * m.width
        let queries = 2 * m.queryRank + 3 * m.heads * headWidth
        let keysAndValues =
            2 * m.keyValueRank + 2 * m.rotaryHeadWidth + m.heads * (2 * m.plainHeadWidth + 2 * m.valueHeadWidth)
            + m.heads * headWidth
        let scores = m.heads * recipe.batch.length
        attention = tokens * Double(stream + queries + keysAndValues + scores + 2 * m.heads * m.valueHeadWidth)
        dense = tokens * Double(3 * m.width + 4 * m.denseInnerWidth)
        let shared = 4 * m.sharedExperts * m.expertInnerWidth + (m.sharedExperts > 0 ? m.width : 0)
        // A token's rows as they leave, arrive, are sorted, come out, are sorted back, return and are gathered.
        let rows = m.chosenExperts * (7 * m.width + 3 * m.expertInnerWidth)
        experts = tokens * Double(3 * m.width + 4 * m.experts + shared + rows)
        head = tokens * Double(2 * m.width + 2 * m.vocabulary)
        join = tokens * Double(5 * m.width)
    }

    /// What a stage of these parts keeps.
    func elements(of contents: StageContents) -> Double {
        func layer(_ index: Int) -> Double { attention + (index < recipe.model.denseLayers ? dense : experts) }
        return contents.layers.reduce(0) { $0 + layer($1) } + (contents.hasHead ? head : 0)
            + (contents.predicts ? join + layer(recipe.model.layers) + head : 0)
    }
}
