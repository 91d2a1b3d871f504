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
    public var skew: Int64 {
        var first = Int64.max
        for case .some(let start) in starts { first = min(first, start) }
        return first == .max ? 0 : lastStart - first
    }
    /// The index of the rank that began last; the first of several.
    public var latest: Int? {
        var latest: (index: Int, start: Int64)?
        for (index, start) in starts.enumerated() {
            if let start, start > latest?.start ?? .min { latest = (index, start) }
        }
        return latest?.index
    }

    /// How long the rank at an index waited for the last one; nil where it does not take part.
    public func wait(ofRankAt index: Int) -> Int64? { wait(ofRankAt: index, lastStart: lastStart) }

    /// The same where the last start is known already. O(1).
    func wait(ofRankAt index: Int, lastStart: Int64) -> Int64? {
        guard let start = starts[index], let end = ends[index] else { return nil }
        return min(end, lastStart) - start
    }
}
