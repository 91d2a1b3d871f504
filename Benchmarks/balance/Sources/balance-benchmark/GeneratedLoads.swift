import ExpertBalancing
import Foundation

/// Loads of 58 layers of 256 experts from fixed seeds, from nearly uniform to very skewed.
enum GeneratedLoads {
    static func all() throws -> [(name: String, loads: ExpertLoads)] {
        var result: [(name: String, loads: ExpertLoads)] = []
        for deviation in [0.01, 0.1, 0.3, 0.6, 0.9, 1.5, 2.5] {
            result.append(
                ("log-normal \(deviation)", try loads { random, _ in exp(deviation * random.normal()) }))
        }
        for exponent in [0.3, 0.7, 1, 1.5] {
            result.append(
                (
                    "Zipf \(exponent)",
                    try loads { random, rank in
                        pow(Double(rank + 1), -exponent) * exp(0.1 * random.normal())
                    }
                ))
        }
        for concentration in [0.1, 0.3, 1, 3, 10, 100] {
            result.append(
                ("Dirichlet \(concentration)", try loads { random, _ in random.gamma(concentration) }))
        }
        return result
    }

    /// Returns the loads of a function of the expert's rank.
    private static func loads(_ load: (inout SplitMix64, Int) -> Double) throws -> ExpertLoads {
        var random = SplitMix64(state: 7)
        let values = (0..<58 * 256).map { (1e5 * load(&random, $0 % 256)).rounded() }
        return try ExpertLoads(values, expertCount: 256)
    }
}

/// A generator of random numbers (Steele, Lea, Flood 2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }

    mutating func uniform() -> Double { Double(next() >> 11) / Double(1 << 53) }

    /// Returns a sample of the normal distribution (Box and Muller).
    mutating func normal() -> Double {
        let angle = 2 * Double.pi * uniform()
        return (-2 * log(1 - uniform())).squareRoot() * cos(angle)
    }

    /// Returns a sample of the gamma distribution (Marsaglia and Tsang 2000).
    mutating func gamma(_ shape: Double) -> Double {
        if shape < 1 { return gamma(shape + 1) * pow(1 - uniform(), 1 / shape) }
        let offset = shape - 1.0 / 3
        while true {
            let sample = normal()
            let cube = pow(1 + sample / (9 * offset).squareRoot(), 3)
            if cube > 0, log(1 - uniform()) < sample * sample / 2 + offset * (1 - cube + log(cube)) {
                return offset * cube
            }
        }
    }
}
