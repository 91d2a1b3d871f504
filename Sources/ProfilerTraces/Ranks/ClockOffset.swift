/// How far a rank's clock is from the first rank's. Nanoseconds.
public struct ClockOffset: Hashable, Sendable {
    /// What to take from the rank's times to get the first rank's; 0 where nothing could be matched.
    public var offset: Int64 = 0
    /// Half of the matched collectives agree with the offset to within this; nil where nothing could be matched.
    public var uncertainty: Int64?
    /// How many collectives it was estimated from.
    public var matches = 0
}

extension ClockOffset {
    /// The median of how much later collectives end than on the first rank: a collective that synchronises its ranks
    /// ends on all of them at once, whenever each began.
    init(differences: [Int64]) {
        self.init()
        let sorted = differences.sorted()
        guard !sorted.isEmpty else { return }
        offset = sorted[sorted.count / 2]
        let deviations = sorted.map { Int64(clamping: ($0 - offset).magnitude) }.sorted()
        uncertainty = deviations[deviations.count / 2]
        matches = sorted.count
    }
}
