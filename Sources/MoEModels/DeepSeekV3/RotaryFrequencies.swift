import Foundation

/// The angular frequencies of rotary position embedding, stretched by YaRN where a model runs beyond the length that
/// it was trained at.
///
/// Sources: Su et al., "RoFormer", 2021; Peng et al., "YaRN", 2023; DeepSeek-V3's inference code.
public struct RotaryFrequencies: Hashable, Sendable {
    /// How YaRN stretches positions.
    public struct Stretch: Hashable, Sendable {
        /// The length that the model was first trained at.
        public var originalLength: Int
        /// How many times longer it runs now.
        public var factor: Double
        /// Rotations over the original length above which a frequency stays as it is.
        public var fastRotations: Double
        /// Rotations below which a frequency is divided by the whole factor.
        public var slowRotations: Double

        /// A stretch of the given parts.
        public init(originalLength: Int, factor: Double, fastRotations: Double = 32, slowRotations: Double = 1) {
            self.originalLength = originalLength
            self.factor = factor
            self.fastRotations = fastRotations
            self.slowRotations = slowRotations
        }
    }

    /// Radians a position, one for each pair of dimensions.
    public let values: [Double]

    /// The frequencies of `dimensions` rotary dimensions, half as many.
    ///
    /// - Parameters:
    ///   - dimensions: Rotary dimensions of a head; even.
    ///   - base: The base θ of the geometric series, 10 000 as a rule.
    ///   - stretch: YaRN's stretch; nil where the model runs at its trained length.
    public init(dimensions: Int, base: Double, stretch: Stretch? = nil) {
        precondition(dimensions > 0 && dimensions.isMultiple(of: 2), "rotary dimensions come in pairs")
        let plain = stride(from: 0, to: dimensions, by: 2).map { pow(base, -Double($0) / Double(dimensions)) }
        guard let stretch else {
            values = plain
            return
        }
        func dimension(rotating rotations: Double) -> Double {
            Double(dimensions) * log(Double(stretch.originalLength) / (rotations * 2 * .pi)) / (2 * log(base))
        }
        let low = max(dimension(rotating: stretch.fastRotations).rounded(.down), 0)
        var high = min(dimension(rotating: stretch.slowRotations).rounded(.up), Double(dimensions - 1))
        if low == high { high += 0.001 }
        values = plain.enumerated().map { index, frequency in
            let kept = 1 - min(max((Double(index) - low) / (high - low), 0), 1)
            return frequency / stretch.factor * (1 - kept) + frequency * kept
        }
    }
}
