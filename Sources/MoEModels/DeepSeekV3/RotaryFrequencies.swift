import Foundation
public import TrainingRecipes

/// The angular frequencies of rotary position embedding. YaRN scales them for sequences longer than those of the
/// original training.
///
/// Sources: Su et al., "RoFormer", 2021; Peng et al., "YaRN", 2023; DeepSeek-V3's inference code.
public struct RotaryFrequencies: Hashable, Sendable {
    /// The frequencies in radians per position, one per pair of dimensions.
    public let values: [Double]

    /// Computes the `dimensions` / 2 frequencies.
    ///
    /// - Parameters:
    ///   - dimensions: The number of rotary dimensions per head; even.
    ///   - base: The base θ of the geometric series, usually 10 000.
    ///   - scaling: The scaling of the frequencies. The default does not scale, for sequences of the trained length.
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
