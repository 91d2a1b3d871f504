import Foundation
import LibTorch
import SchedulePlanning
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

    /// Calls `body` with each byte that follows `prompt`.
    ///
    /// - Parameters:
    ///   - count: The number of bytes. There are fewer if they do not fit in the sampler's length.
    ///   - temperature: The divisor of the logits; at 0, the most likely byte is always chosen.
    ///   - seed: The seed of the random choices.
    package func continuation(
        of prompt: [UInt8], count: Int, temperature: Double, seed: UInt64, _ body: (UInt8) throws -> Void
    ) throws {
        var generator = SplitMix64(seed: seed, 3)
        var tokens = prompt.isEmpty ? [Int(UInt8(ascii: "\n"))] : prompt.map(Int.init)
        for _ in 0..<min(count, decoder.room - tokens.count + 1) {
            let logits = try decoder.logits(after: tokens)
            let last = try logits.narrowed(0, tokens.count - 1..<tokens.count).doubles()
            let token = Self.sample(Array(last.prefix(256)), temperature: temperature, using: &generator)
            try body(UInt8(token))
            tokens = [token]
        }
    }

    static func sample(_ scores: [Double], temperature: Double, using generator: inout SplitMix64) -> Int {
        let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
        guard temperature > 0 else { return best }
        let weights = scores.map { exp(($0 - scores[best]) / temperature) }
        var left = Double.random(in: 0..<weights.reduce(0, +), using: &generator)
        for (token, weight) in weights.enumerated() {
            left -= weight
            if left < 0 { return token }
        }
        return best
    }
}
