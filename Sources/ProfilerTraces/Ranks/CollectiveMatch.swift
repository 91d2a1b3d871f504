/// One collective as it ran on several ranks. All times are nanoseconds on the first rank's clock.
public struct CollectiveMatch: Hashable, Sendable {
    /// The name of the collective on all ranks: its operation, group and, if it was matched by them, shape.
    public var name: String
    /// The sequence number by which it was matched; nil if it was matched by order.
    public var sequenceNumber: Int64?
    /// The time at which each rank started, in the order of the run's ranks; nil for ranks that do not take part.
    public var starts: [Int64?]
    /// The time at which each rank ended; nil for ranks that do not take part.
    public var ends: [Int64?]

    /// The start of the last rank. Ranks wait until this time; data moves only after it.
    public var lastStart: Int64 { latest.flatMap { starts[$0] } ?? 0 }
    /// The time from the first rank's start to the last rank's start.
    public var skew: Int64 { starts.lazy.compactMap(\.self).min().map { lastStart - $0 } ?? 0 }
    /// The index of the rank that started last; the lowest if several did.
    public var latest: Int? {
        var latest: (index: Int, start: Int64)?
        for (index, start) in starts.enumerated() {
            if let start, start > latest?.start ?? .min { latest = (index, start) }
        }
        return latest?.index
    }
}
