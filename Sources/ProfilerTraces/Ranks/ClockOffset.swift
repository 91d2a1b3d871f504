/// The offset of a rank's clock from the first rank's clock, in nanoseconds.
public struct ClockOffset: Hashable, Sendable {
    /// The time by which the rank's clock is ahead, to be subtracted from the rank's times; 0 if nothing could be
    /// matched.
    public var offset: Int64 = 0
    /// The uncertainty of the offset; nil if nothing could be matched. For an offset from collectives, it is the median
    /// deviation of the collectives' ends; for one from messages, the largest error that the delays allow.
    public var uncertainty: Int64?
    /// The number of collectives or messages that the offset was estimated from.
    public var matches = 0
}

extension ClockOffset {
    /// Creates the offset as the median of `differences`, which are the times by which collectives end later than on
    /// the first rank. A collective that synchronizes its ranks ends on all of them at the same time.
    package init(differences: [Int64]) {
        self.init()
        let sorted = differences.sorted()
        guard !sorted.isEmpty else { return }
        offset = sorted[sorted.count / 2]
        // Two differences may be 2^63 or more apart, which only an unsigned number holds.
        let deviations = sorted.map { UInt64(bitPattern: max($0, offset) &- min($0, offset)) }.sorted()
        uncertainty = Int64(clamping: deviations[deviations.count / 2])
        matches = sorted.count
    }
}
