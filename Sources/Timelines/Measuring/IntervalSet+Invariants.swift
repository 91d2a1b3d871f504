import PipelineActions

extension IntervalSet {
    /// Stops the process if the set breaks an invariant, and names the invariant. O(n).
    package func _checkInvariants() {
        if let invariant = Self.brokenInvariant(of: intervals) { InvariantChecks.fail("interval set: \(invariant)") }
    }

    /// Returns the first invariant that the intervals of a set would break; nil if they break none. O(n).
    ///
    /// - No interval is empty.
    /// - Each interval starts after the end of the interval before it.
    package static func brokenInvariant(of intervals: [Range<Int64>]) -> String? {
        for (index, interval) in intervals.enumerated() {
            if interval.isEmpty { return "interval \(index), \(interval), is empty" }
            guard index > 0, interval.lowerBound <= intervals[index - 1].upperBound else { continue }
            return "interval \(index), \(interval), does not start after the end of \(intervals[index - 1])"
        }
        return nil
    }
}
