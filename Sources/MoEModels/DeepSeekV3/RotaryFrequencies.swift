import Foundation
public import TrainingRecipes

/// The angular frequencies of rotary position embedding, stretched by YaRN where a model runs beyond the length that
/// it was trained at.
///
/// Sources: Su et al., "RoFormer", 2021; Peng et al., "YaRN", 2023; DeepSeek-V3's inference code.
public struct RotaryFrequencies: Hashable, Sendable {
    /// Radians a position, one for each pair of dimensions.
    public let values: [Double]

    /// The frequencies of `dimensions` rotary dimensions, half as many.
    ///
    /// - Parameters:
    ///   - dimensions: Rotary dimensions of a head; even.
    ///   - base: The base θ of the geometric series, 10 000 as a rule.
    ///   - scaling: The stretch of positions; none for a model that runs at its trained length.
    public init(dimensions: Int, base: Double, scaling: Recipe.RopeScaling = Recipe.RopeScaling()) {
        precondition(dimensions > 0 && dimensions.isMultiple(of: 2), "rotary dimensions come in pairs")
        let plain = stride(from: 0, to: dimensions, by: 2).map { pow(base, -Double($0) / Double(dimensions)) }
        guard scaling.type == .yarn else {
            values = plain
            return
        }
        func dimension(rotating rotations: Double) -> Double {
            Double(dimensions) * log(Double(scaling.originalMaxPositionEmbeddings) / (rotations * 2 * .pi))
                / (2 * log(base))
        }
        let low = max(dimension(rotating: scaling.betaFast).rounded(.down), 0)
        var high = min(dimension(rotating: scaling.betaSlow).rounded(.up), Double(dimensions - 1))
        if low == high { high += 0.001 }
        values = plain.enumerated().map { index, frequency in
            let kept = 1 - min(max((Double(index) - low) / (high - low), 0), 1)
            return frequency / scaling.factor * (1 - kept) + frequency * kept
        }
    }
}
