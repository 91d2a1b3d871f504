import LibTorch
import TrainingRecipes

/// The global batches of a language model.
struct LanguageBatches {
    private let source: TokenSource
    private let length: Int
    /// The counts per global batch: targets for the next token, targets for the token after the next, and sequences.
    let counts: [Double]
    /// The number of tokens per global batch.
    let tokenCount: Int

    init(source: TokenSource, recipe: Recipe) {
        self.source = source
        length = recipe.training.seqLen
        tokenCount = recipe.training.globalBatchSize * length
        counts = [Double(tokenCount), Double(tokenCount), Double(recipe.training.globalBatchSize)]
    }

    /// Returns the model's data for the sequences `range` of a step's batch: tokens, next tokens, and the targets of
    /// both losses, [sequences, length] each.
    func tensors(_ part: TokenSource.Part, step: Int, sequences range: Range<Int>) throws -> [Tensor] {
        let windows = range.map { source.window(part, step: step, sequence: $0) }
        func tensor(_ offset: Int) throws -> Tensor {
            try Tensor(windows.flatMap { $0[offset..<offset + length] }, shape: [range.count, length])
        }
        let next = try tensor(1)
        return [try tensor(0), next, next, try tensor(2)]
    }
}
