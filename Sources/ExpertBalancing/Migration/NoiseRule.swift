/// A rule that separates changes of loads from sampling noise.
///
/// Token counts vary by about the square root of the count even if routing does not change. A layer counts as changed
/// only if some device's time exceeds the longest time of a new plan by more than ``significance`` standard deviations,
/// and by more than the fraction ``leastGain`` of the longest time.
public struct NoiseRule: Hashable, Sendable {
    /// The required difference in standard deviations of one count. The loads that the placement was made for vary as
    /// well, so that 6.4 deviations of one count are 4.5 of the difference. If a plan has several thousand device
    /// loads, over all layers, one plan in a hundred passes by chance.
    public var significance: Double
    /// The required difference as a fraction of the longest time.
    public var leastGain: Double

    /// Creates a rule for loads that are token counts.
    public init(significance: Double = 6.4, leastGain: Double = 0.003) {
        self.significance = significance
        self.leastGain = leastGain
    }
}
