import Timelines

/// Limits of the times in one file, within which sums over its spans and over ranks do not overflow.
struct TimeLimits {
    /// The largest sum of durations in nanoseconds, which is 417 days.
    private static let totalDuration: Int64 = 1 << 55
    /// The largest distance of a start from the median start in nanoseconds, which is 208 days.
    private static let distance: Int64 = 1 << 54

    /// The sum of the durations of all spans so far, in nanoseconds.
    private var total: Int64 = 0

    /// Adds the duration of a span, and returns whether its times are within the limits. If they are not, nothing is
    /// added.
    mutating func admit(start: Int64, duration: Int64) -> Bool {
        guard start.magnitude < 1 << 61, duration >= 0, duration <= Self.totalDuration - total else { return false }
        total += duration
        return true
    }

    /// Returns the indices of the spans whose start is near the median start; nil if all spans are. O(n) in that case.
    ///
    /// A single start far from all others, such as 0 beside times since 1970, would stretch a trace over decades.
    static func indicesNearMedian(_ spans: [TimeSpan]) -> [Int]? {
        guard let first = spans.first?.start else { return nil }
        // Starts are below 2^61, so their differences do not overflow.
        if spans.allSatisfy({ ($0.start - first).magnitude <= distance / 2 }) { return nil }
        let median = spans.map(\.start).sorted()[spans.count / 2]
        let kept = spans.indices.filter { (spans[$0].start - median).magnitude <= distance }
        return kept.count == spans.count ? nil : kept
    }
}
