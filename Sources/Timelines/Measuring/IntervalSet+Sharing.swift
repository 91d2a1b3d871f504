extension IntervalSet {
    /// Returns the part of the set that lies in `window`. O(n).
    public func clipped(to window: Range<Int64>) -> IntervalSet {
        IntervalSet(intervals.lazy.map { $0.clamped(to: window) })
    }

    /// Returns the part of `window` that the set does not cover. O(n).
    public func gaps(in window: Range<Int64>) -> IntervalSet { IntervalSet([window]).subtracting(self) }

    /// Returns the length of the set's part within each span. The spans are ordered by start. O(n) plus the number of
    /// pairs of a span and an interval that overlap, or O(log n) for one span and one interval.
    package func lengths(within spans: [Range<Int64>]) -> [Int64] {
        var first = spans.first.map { index(endingAfter: $0.lowerBound) } ?? 0
        return spans.map { span in
            while first < intervals.count, intervals[first].upperBound <= span.lowerBound { first += 1 }
            var length: Int64 = 0
            for interval in intervals[first...] {
                guard interval.lowerBound < span.upperBound else { break }
                length += min(span.upperBound, interval.upperBound) - max(span.lowerBound, interval.lowerBound)
            }
            return length
        }
    }

    /// Divides the set among spans. The parts sum to the length of the set's intersection with the union of the spans.
    ///
    /// An instant that several spans cover belongs to the span that starts first, and of spans that start together, to
    /// the first in `spans`. Element i of the result is the part of `spans[i]`, in nanoseconds. O(s log s + n).
    public func shares(among spans: [Range<Int64>]) -> [Int64] {
        var result = [Int64](repeating: 0, count: spans.count)
        var order = Array(spans.indices)
        if !zip(order, order.dropFirst()).allSatisfy({ spans[$0].lowerBound <= spans[$1].lowerBound }) {
            order.sort { (spans[$0].lowerBound, $0) < (spans[$1].lowerBound, $1) }
        }
        var covered = Int64.min
        // The part of each span that no earlier span covers.
        var owners: [Int] = []
        var parts: [Range<Int64>] = []
        for index in order where spans[index].upperBound > covered && !spans[index].isEmpty {
            owners.append(index)
            parts.append(max(spans[index].lowerBound, covered)..<spans[index].upperBound)
            covered = spans[index].upperBound
        }
        for (owner, length) in zip(owners, lengths(within: parts)) { result[owner] = length }
        return result
    }
}
