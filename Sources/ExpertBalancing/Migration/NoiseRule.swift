/// When a difference of loads is worth acting on.
///
/// Counts of tokens scatter even where routing does not change: by about the square root of the count. A layer counts as
/// changed only where some device's load exceeds what a fresh plan reaches by more than ``significance`` standard
/// deviations, and by a part of at least ``leastGain``.
public struct NoiseRule: Hashable, Sendable {
    /// How many standard deviations of one count are needed. The loads that the placement was made for scatter as well,
    /// so that 6.4 is 4.5 of the difference: of several thousand device loads, one in a hundred plans passes by chance.
    public var significance: Double
    /// The part of the longest time that must be at stake.
    public var leastGain: Double

    /// A rule; loads are counts of tokens.
    public init(significance: Double = 6.4, leastGain: Double = 0.003) {
        self.significance = significance
        self.leastGain = leastGain
    }
}
