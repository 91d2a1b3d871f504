import LibTorch
import TrainingRecipes

/// Global batches of a language model.
struct LanguageBatches {
    private let source: TokenSource
    private let length: Int
    /// The targets of either kind, and the sequences, of a global batch.
    let counts: [Double]
    /// Tokens of a global batch.
    let tokenCount: Int
    private let windowLength: Int

    init(source: TokenSource, recipe: Recipe) {
        self.source = source
        length = recipe.training.seqLen
        tokenCount = recipe.training.globalBatchSize * length
        windowLength = recipe.windowLength
        counts = [Double(tokenCount), Double(tokenCount), Double(recipe.training.globalBatchSize)]
    }

    /// What the model is given of the sequences `range` of a step's batch.
    func tensors(_ part: TokenSource.Part, step: Int, sequences range: Range<Int>) throws -> [Tensor] {
        let windows = range.map { source.window(part, step: step, sequence: $0, count: windowLength) }
        func tensor(_ offset: Int) throws -> Tensor {
            try Tensor(windows.flatMap { $0[offset..<offset + length] }, shape: [range.count, length])
        }
        let next = try tensor(1)
        return [try tensor(0), next, next, try tensor(2)]
    }
}
