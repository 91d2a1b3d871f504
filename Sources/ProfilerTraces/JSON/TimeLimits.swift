import Timelines

/// Limits of the times in one file, within which sums over its spans and over ranks do not overflow.
struct TimeLimits {
    /// The largest sum of durations in nanoseconds, which is 417 days.
    private static let totalDuration: Int64 = 1 << 55
    /// The longest duration of a kernel, in nanoseconds: one day.
    static let longestKernel: Int64 = 86_400_000_000_000
    /// The longest gap between successive starts, in nanoseconds: one day. A profile has no longer gap.
    private static let longestGap: Int64 = 86_400_000_000_000
    /// The longest gap after a start of 0, in nanoseconds: one minute.
    static let longestGapFromZero: Int64 = 60_000_000_000

    /// The sum of the durations of all spans so far, in nanoseconds.
    private var total: Int64 = 0

    /// Adds the duration of a span, and returns whether its times are within the limits. If they are not, nothing is
    /// added.
    mutating func admit(start: Int64, duration: Int64) -> Bool {
        guard start.magnitude < 1 << 61, duration >= 0, duration <= Self.totalDuration - total else { return false }
        total += duration
        return true
    }

    /// Returns the indices of the spans whose start is not separated from the median start by a gap of more than a day;
    /// nil if no start is. O(n) in that case.
    ///
    /// A single start far from all others, such as 0 beside times since 1970, would stretch a trace over decades.
    static func indicesNearMedian(_ spans: [TimeSpan]) -> [Int]? {
        guard let first = spans.first?.start else { return nil }
        // Starts are below 2^61, so their differences do not overflow.
        if spans.allSatisfy({ ($0.start - first).magnitude <= longestGap / 2 }) { return nil }
        let starts = spans.map(\.start).sorted()
        var low = starts.count / 2
        var high = low
        while low > 0, starts[low] - starts[low - 1] <= longestGap { low -= 1 }
        while high + 1 < starts.count, starts[high + 1] - starts[high] <= longestGap { high += 1 }
        let kept = spans.indices.filter { (starts[low]...starts[high]).contains(spans[$0].start) }
        return kept.count == spans.count ? nil : kept
    }
}
