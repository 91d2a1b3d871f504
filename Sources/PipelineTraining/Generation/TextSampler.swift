import LibTorch
import MoEModels
package import TrainingRecipes
package import TrainingRuns

/// A sampler that continues tokens with a trained model, one by one.
package struct TextSampler {
    private let decoder: DeepSeekV3Decoder
    /// Whether the weights have a manifest, against which they were checked.
    package let isVerified: Bool

    /// Loads a run's recipe and weights.
    ///
    /// - Parameter length: The maximum number of tokens of prompt and continuation together.
    package init(_ recipe: Recipe, folder: RunFolder, length: Int) throws {
        var configuration = recipe.resolvedModel
        configuration.maxPositionEmbeddings = length
        // Sampling needs no multi-token prediction, and weights saved by other programs may lack its layer.
        configuration.numNextnPredictLayers = 0
        let model = DeepSeekV3Model(configuration, sequenceLength: length)
        let weights = try SavedWeights(folder)
        isVerified = weights.isVerified
        decoder = try DeepSeekV3Decoder(configuration, parameters: weights.parameters(of: model))
    }

    /// Calls `body` with each token that follows `prompt`, until `body` returns false.
    ///
    /// - Parameters:
    ///   - prompt: The tokens to continue, at least one.
    ///   - vocabSize: The number that all chosen tokens are below.
    ///   - count: The number of tokens. There are fewer if they do not fit in the sampler's length.
    ///   - sampling: The choice of the tokens.
    package func continuation(
        of prompt: [Int], below vocabSize: Int, count: Int, sampling: Sampling, _ body: (Int) throws -> Bool
    ) throws {
        var sampling = sampling
        var tokens = prompt
        for _ in 0..<min(count, decoder.room - tokens.count + 1) {
            let logits = try decoder.logits(after: tokens)
            let last = try logits.narrowed(0, tokens.count - 1..<tokens.count).doubles()
            let token = try sampling.token(Array(last.prefix(vocabSize)))
            guard try body(token) else { return }
            tokens = [token]
        }
    }
}
