import ExpertBalancing

/// SplitMix64, so that properties are checked on the same cases everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }

    /// Loads with a long tail, as experts have them.
    mutating func loads(layers: Int, experts: Int) throws -> ExpertLoads {
        let values = (0..<layers * experts).map { _ -> Double in
            let uniform = Double.random(in: 0.001..<1, using: &self)
            return (1000 / (uniform * uniform + 0.05)).rounded()
        }
        return try ExpertLoads(values, expertCount: experts)
    }
}
