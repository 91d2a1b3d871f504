extension IntervalSet {
    /// Returns the times that lie in either set. O(n + m).
    public func union(_ other: IntervalSet) -> IntervalSet { combined(with: other) { $0 || $1 } }

    /// Returns the times that lie in both sets. O(n + m).
    public func intersection(_ other: IntervalSet) -> IntervalSet { combined(with: other) { $0 && $1 } }

    /// Returns the times that lie in this set and not in the other. O(n + m).
    public func subtracting(_ other: IntervalSet) -> IntervalSet { combined(with: other) { $0 && !$1 } }

    /// Returns the times at which `isIn` is true. Its arguments tell whether the time lies in this set and in the other
    /// set. The loop visits the edges of both sets in order.
    ///
    /// - Precondition: `isIn(false, false)` is false.
    private func combined(with other: IntervalSet, _ isIn: (Bool, Bool) -> Bool) -> IntervalSet {
        var result: [Range<Int64>] = []
        var left = EdgeCursor(intervals: intervals)
        var right = EdgeCursor(intervals: other.intervals)
        var start: Int64?
        while let time = earlier(left.next, right.next) {
            left.pass(time)
            right.pass(time)
            if isIn(left.isInside, right.isInside) {
                if start == nil { start = time }
            } else if let begun = start {
                result.append(begun..<time)
                start = nil
            }
        }
        return IntervalSet(result)
    }
}

private func earlier(_ left: Int64?, _ right: Int64?) -> Int64? {
    guard let left, let right else { return left ?? right }
    return min(left, right)
}

/// A cursor over the starts and ends of intervals in ascending order.
private struct EdgeCursor {
    let intervals: [Range<Int64>]
    var edge = 0

    var isInside: Bool { edge % 2 == 1 }

    var next: Int64? {
        guard edge / 2 < intervals.count else { return nil }
        return isInside ? intervals[edge / 2].upperBound : intervals[edge / 2].lowerBound
    }

    mutating func pass(_ time: Int64) { if next == time { edge += 1 } }
}
