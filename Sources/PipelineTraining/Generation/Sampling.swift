import Foundation
import SchedulePlanning
package import TrainingRuns

/// The choice of the next token from the scores of a model, as in Hugging Face's transformers: temperature, then top-k,
/// then top-p.
package struct Sampling {
    private let temperature: Double
    private let topK: Int
    private let topP: Double
    private var generator: SplitMix64

    /// Creates a choice.
    ///
    /// - Parameters:
    ///   - temperature: The divisor of the scores; at 0, the most likely token is always chosen.
    ///   - topK: The number of most likely tokens to choose from, and those as likely as the last of them; 0 for all.
    ///   - topP: The probability to choose from: the most likely tokens that together reach it; 1 for all.
    ///   - seed: The seed of the random choices.
    package init(temperature: Double, topK: Int = 0, topP: Double = 1, seed: UInt64) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        generator = SplitMix64(seed: seed, 3)
    }

    /// Chooses a token.
    ///
    /// - Complexity: O(scores), and O(scores log scores) with top-k or top-p.
    /// - Throws: `SavedStateError` if a score is NaN or infinite, as after a training that diverged.
    package mutating func token(_ scores: [Double]) throws(SavedStateError) -> Int {
        guard scores.allSatisfy(\.isFinite) else {
            throw SavedStateError(
                "the weights give scores that are not finite: the training diverged: train with a lower optimizer.lr")
        }
        let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
        guard temperature > 0 else { return best }
        let weights = weights(scores)
        var left = Double.random(in: 0..<weights.reduce(0, +), using: &generator)
        for (token, weight) in weights.enumerated() {
            left -= weight
            if left < 0 { return token }
        }
        return best
    }

    /// Returns the relative probabilities of the tokens; 0 for tokens that are not chosen from.
    package func weights(_ scores: [Double]) -> [Double] {
        let best = scores.max() ?? 0
        var weights = scores.map { exp(($0 - best) / temperature) }
        if (1..<weights.count).contains(topK) {
            let least = weights.sorted(by: >)[topK - 1]
            for token in weights.indices where weights[token] < least { weights[token] = 0 }
        }
        guard topP < 1 else { return weights }
        // The least likely tokens whose probabilities add up to at most 1 - topP are not chosen from.
        let limit = (1 - topP) * weights.reduce(0, +)
        var sum = 0.0
        for token in weights.indices.sorted(by: { (weights[$0], $0) < (weights[$1], $1) }).dropLast() {
            sum += weights[token]
            if sum > limit { break }
            weights[token] = 0
        }
        return weights
    }
}
