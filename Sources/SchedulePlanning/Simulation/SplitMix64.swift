/// A small generator of pseudo-random numbers whose sequence is fixed by its seed (Steele et al., 2014).
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(state: UInt64) { self.state = state }

    /// A generator that depends on a seed and on each of the keys.
    package init(seed: UInt64, _ keys: UInt64...) {
        state = seed
        for key in keys { state = (state ^ key) &* 0x9E37_79B9_7F4A_7C15 &+ next() }
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Returns a number evenly distributed in 0 ..< 1.
    package mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Returns a number evenly distributed in 0 ..< `bound`, up to a bias of `bound` / 2⁶⁴.
    package mutating func next(below bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
