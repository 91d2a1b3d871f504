import LibTorch
import MoEModels
package import TrainingRecipes
package import TrainingRuns

/// A sampler that continues a text with a trained model, byte by byte.
package struct TextSampler {
    private let decoder: DeepSeekV3Decoder
    private let vocabulary: Int

    /// Loads a run's recipe and weights.
    ///
    /// - Parameter length: The maximum number of bytes of prompt and continuation together.
    package init(_ recipe: Recipe, folder: RunFolder, length: Int) throws {
        guard recipe.training.datasetFormat == .bytes else {
            throw RecipeError(
                "training.dataset_format is \(recipe.training.datasetFormat): only a model of bytes can continue a text"
            )
        }
        var configuration = recipe.model
        configuration.maxPositionEmbeddings = length
        // Sampling needs no multi-token prediction, and weights saved by other programs may lack its layer.
        configuration.numNextnPredictLayers = 0
        let model = DeepSeekV3Model(configuration, sequenceLength: length)
        decoder = try DeepSeekV3Decoder(configuration, parameters: SavedWeights(folder).parameters(of: model))
        vocabulary = configuration.vocabSize
    }

    /// Calls `body` with each byte that follows `prompt`, until `body` returns false.
    ///
    /// - Parameter count: The number of bytes. There are fewer if they do not fit in the sampler's length.
    package func continuation(
        of prompt: [UInt8], count: Int, sampling: Sampling, _ body: (UInt8) throws -> Bool
    ) throws {
        var sampling = sampling
        var tokens = prompt.isEmpty ? [Int(UInt8(ascii: "\n"))] : prompt.map(Int.init)
        for _ in 0..<min(count, decoder.room - tokens.count + 1) {
            let logits = try decoder.logits(after: tokens)
            let last = try logits.narrowed(0, tokens.count - 1..<tokens.count).doubles()
            let token = try sampling.token(Array(last.prefix(256)))
            guard try body(UInt8(token)) else { return }
            tokens = [token]
        }
    }
}
