import LibTorch
package import PipelineSchedules
package import TrainingRecipes

/// Global batches of a language model, cut into what this rank sees of them.
package struct LanguageBatches {
    private let source: TokenSource
    private let shares: BatchShares
    private let sequences: Int
    private let length: Int
    private let windowLength: Int
    private let expert: Int

    /// - Returns: nil where the batch does not divide into the layout.
    package init?(source: TokenSource, recipe: Recipe, schedule: Schedule, expert: Int) {
        guard
            let shares = BatchShares(
                sequences: recipe.batch.sequences, experts: recipe.layout.experts,
                microbatches: schedule.chains.map(\.microbatchCount))
        else { return nil }
        self.source = source
        self.shares = shares
        self.expert = expert
        sequences = recipe.batch.sequences
        length = recipe.batch.length
        windowLength = recipe.windowLength
    }

    /// Sequences of a micro-batch on one rank.
    package var sequencesPerMicrobatch: Int { shares.sequencesPerShare }

    /// Tokens of a global batch.
    package var tokenCount: Int { sequences * length }

    /// The batch of one step, for each chain.
    package func batch(_ part: TokenSource.Part, step: Int) -> [StageBatch] {
        let tokens = Double(sequences * length)
        return shares.microbatches.indices.map { chain in
            StageBatch(counts: [tokens, tokens, Double(sequences)], isTraining: part == .training) { microbatch in
                let range = shares.sequences(chain: chain, microbatch: microbatch, expert: expert)
                let windows = range.map { source.window(part, step: step, sequence: $0, count: windowLength) }
                func tensor(_ offset: Int) throws -> Tensor {
                    try Tensor(windows.flatMap { $0[offset..<offset + length] }, shape: [range.count, length])
                }
                let next = try tensor(1)
                return [try tensor(0), next, next, try tensor(2)]
            }
        }
    }
}
