/// The same collective on several ranks. All times are nanoseconds, on the first rank's clock.
public struct CollectiveMatch: Hashable, Sendable {
    /// What the ranks call it.
    public var name: String
    /// How many of the same came before.
    public var ordinal: Int
    /// When each rank that takes part began, in the order of the run's ranks; nil for those that do not.
    public var starts: [Int64?]
    /// When each ended.
    public var ends: [Int64?]

    /// When the last rank began: from then on it can be a transfer, before that it is waiting.
    public var lastStart: Int64 { latest.flatMap { starts[$0] } ?? 0 }
    /// From the first rank's start to the last one's.
    public var skew: Int64 { starts.lazy.compactMap(\.self).min().map { lastStart - $0 } ?? 0 }
    /// The index of the rank that began last; the first of several.
    public var latest: Int? {
        var latest: (index: Int, start: Int64)?
        for (index, start) in starts.enumerated() {
            if let start, start > latest?.start ?? .min { latest = (index, start) }
        }
        return latest?.index
    }
}
