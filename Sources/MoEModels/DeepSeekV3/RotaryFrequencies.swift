import Foundation

/// The angular frequencies of rotary position embedding, stretched by YaRN where a model runs beyond the length that
/// it was trained at.
///
/// Sources: Su et al., "RoFormer", 2021; Peng et al., "YaRN", 2023; DeepSeek-V3's inference code.
public struct RotaryFrequencies: Hashable, Sendable {
    /// YaRN's stretch of positions, by the names of Hugging Face's `rope_scaling`.
    public struct Scaling: Hashable, Sendable {
        /// Tokens of the longest sequence that the model was first trained at.
        public var originalMaxPositionEmbeddings: Int
        /// The longest sequence over the original one.
        public var factor: Double
        /// Rotations over the original length above which a frequency stays as it is.
        public var betaFast: Double
        /// Rotations over the original length below which a frequency is divided by the whole factor.
        public var betaSlow: Double
        /// The weight of the logarithmic correction of attention scores: `mscale` and `mscale_all_dim`, which are equal.
        public var mscale: Double

        /// A stretch of the given parts.
        public init(
            originalMaxPositionEmbeddings: Int, factor: Double, betaFast: Double = 32, betaSlow: Double = 1,
            mscale: Double = 1
        ) {
            self.originalMaxPositionEmbeddings = originalMaxPositionEmbeddings
            self.factor = factor
            self.betaFast = betaFast
            self.betaSlow = betaSlow
            self.mscale = mscale
        }
    }

    /// Radians a position, one for each pair of dimensions.
    public let values: [Double]

    /// The frequencies of `dimensions` rotary dimensions, half as many.
    ///
    /// - Parameters:
    ///   - dimensions: Rotary dimensions of a head; even.
    ///   - base: The base θ of the geometric series, 10 000 as a rule.
    ///   - scaling: YaRN's stretch; nil for a model that runs at its trained length.
    public init(dimensions: Int, base: Double, scaling: Scaling? = nil) {
        precondition(dimensions > 0 && dimensions.isMultiple(of: 2), "rotary dimensions come in pairs")
        let plain = stride(from: 0, to: dimensions, by: 2).map { pow(base, -Double($0) / Double(dimensions)) }
        guard let scaling else {
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
