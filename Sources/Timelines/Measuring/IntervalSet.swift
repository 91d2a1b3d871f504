import PipelineActions

/// A set of times, stored as half-open intervals in ascending order. No interval is empty, and no two overlap or touch.
///
/// Lengths are those of unions, not sums: two kernels that run at the same time count once.
public struct IntervalSet: Hashable, Sendable {
    /// The intervals, in nanoseconds.
    public private(set) var intervals: [Range<Int64>]

    /// The union of intervals in any order, which may overlap or be empty. O(n log n), or O(n) if they are sorted.
    public init(_ unordered: some Sequence<Range<Int64>>) { self.init(Array(unordered)) }

    /// The union of intervals in any order, which may overlap or be empty. O(n log n), or O(n) if they are sorted.
    public init(_ unordered: [Range<Int64>] = []) {
        var sorted = unordered.filter { !$0.isEmpty }
        if !zip(sorted, sorted.dropFirst()).allSatisfy({ $0.lowerBound <= $1.lowerBound }) {
            sorted.sort { $0.lowerBound < $1.lowerBound }
        }
        intervals = []
        intervals.reserveCapacity(sorted.count)
        for interval in sorted { appendMerging(interval) }
        if InvariantChecks.areEnabled { _checkInvariants() }
    }

    /// The total length, in nanoseconds. O(n).
    public var length: Int64 { intervals.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } }

    /// Whether the set contains no time.
    public var isEmpty: Bool { intervals.isEmpty }

    /// The range from the first instant to the last, including gaps; nil if the set is empty.
    public var extent: Range<Int64>? {
        guard let first = intervals.first, let last = intervals.last else { return nil }
        return first.lowerBound..<last.upperBound
    }

    /// Whether `time` lies in the set. O(log n).
    public func contains(_ time: Int64) -> Bool {
        let index = index(endingAfter: time)
        return index < intervals.count && intervals[index].contains(time)
    }

    /// The index of the first interval that ends after `time`. O(log n).
    func index(endingAfter time: Int64) -> Int {
        var low = 0
        var high = intervals.count
        while low < high {
            let middle = (low + high) / 2
            if intervals[middle].upperBound <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Adds an interval that does not start before the last one.
    private mutating func appendMerging(_ interval: Range<Int64>) {
        guard let last = intervals.last, interval.lowerBound <= last.upperBound else {
            intervals.append(interval)
            return
        }
        if interval.upperBound > last.upperBound {
            intervals[intervals.count - 1] = last.lowerBound..<interval.upperBound
        }
    }
}
