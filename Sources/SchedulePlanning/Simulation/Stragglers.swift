/// Deviations of ranks from their costs, for what-if simulations: stragglers and jitter.
public struct Stragglers: Hashable, Sendable {
    /// The factor by which the actions of each rank take longer; 1 for ranks beyond the last entry.
    public var slowdowns: [Double]
    /// The largest random deviation of an action, as a fraction of its length, from 0 to below 1. Deviations are evenly
    /// distributed.
    public var jitter: Double
    /// The seed of the jitter. Equal seeds give equal jitter.
    public var seed: UInt64

    /// Deviations of the given sizes.
    ///
    /// - Precondition: Slow-downs are positive and finite, and `jitter` lies in 0 ..< 1.
    public init(slowdowns: [Double] = [], jitter: Double = 0, seed: UInt64 = 0) {
        precondition(slowdowns.allSatisfy { $0 > 0 && $0.isFinite }, "a slow-down must be positive and finite")
        precondition(jitter >= 0 && jitter < 1, "jitter must be at least 0 and below 1")
        self.slowdowns = slowdowns
        self.jitter = jitter
        self.seed = seed
    }

    /// Returns the length of a step with the slow-down of its rank and with jitter. The position counts the steps of
    /// all ranks.
    func slowed(_ length: Int64, rank: Int, position: Int) -> Int64 {
        var factor = rank < slowdowns.count ? slowdowns[rank] : 1
        if jitter > 0 {
            var random = SplitMix64(state: seed ^ UInt64(position) &* 0xD1B5_4A32_D192_ED03)
            factor *= 1 + jitter * (2 * random.nextUnit() - 1)
        }
        return Int64((Double(length) * factor).rounded())
    }
}
