/// Ranks that are slower than their costs say, for what-if questions: stragglers and jitter.
public struct Stragglers: Hashable, Sendable {
    /// How many times longer each rank's actions take; ranks beyond the last take 1.
    public var slowdowns: [Double]
    /// The most by which an action is longer or shorter, as a part of its length; evenly distributed, 0 to below 1.
    public var jitter: Double
    /// Which of all possible jitters: the same seed gives the same one.
    public var seed: UInt64

    /// Stragglers of the given parts.
    ///
    /// - Precondition: Slow-downs are positive and finite, and `jitter` lies in 0 ..< 1.
    public init(slowdowns: [Double] = [], jitter: Double = 0, seed: UInt64 = 0) {
        precondition(slowdowns.allSatisfy { $0 > 0 && $0.isFinite }, "a slow-down is positive")
        precondition(jitter >= 0 && jitter < 1, "jitter lies between 0 and 1")
        self.slowdowns = slowdowns
        self.jitter = jitter
        self.seed = seed
    }

    /// The length of the action at a position of all ranks' steps.
    func slowed(_ length: Int64, rank: Int, position: Int) -> Int64 {
        var factor = rank < slowdowns.count ? slowdowns[rank] : 1
        if jitter > 0 {
            var random = SplitMix64(state: seed ^ UInt64(position) &* 0xD1B5_4A32_D192_ED03)
            factor *= 1 + jitter * (2 * random.nextUnit() - 1)
        }
        return Int64((Double(length) * factor).rounded())
    }
}
