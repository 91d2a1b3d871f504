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
    public var lastStart: Int64 { starts.compactMap { $0 }.max() ?? 0 }
    /// From the first rank's start to the last one's.
    public var skew: Int64 { lastStart - (starts.compactMap { $0 }.min() ?? 0) }
    /// The place of the rank that began last.
    public var latest: Int? {
        starts.indices.filter { starts[$0] != nil }.max { (starts[$0] ?? 0, $1) < (starts[$1] ?? 0, $0) }
    }

    /// How long the rank at a place waited for the last one; nil where it does not take part.
    public func wait(ofRankAt place: Int) -> Int64? {
        guard let start = starts[place], let end = ends[place] else { return nil }
        return min(end, lastStart) - start
    }
}
