import Algorithms
import Timelines

/// The idle time of a device by its causes, in nanoseconds. The causes sum to the idle time.
public struct IdleCauses: Hashable, Sendable {
    /// The time in which the next work had not been launched yet, so that the device waited for the host.
    public var host: Int64 = 0
    /// The time in which launched work waited for an event of another stream, a copy or another rank.
    public var dependency: Int64 = 0
    /// The time in which launched work was ready to run: the delay between a launch and the start of its kernel.
    public var launch: Int64 = 0
    /// The time before work of which the trace has no launch, so that the cause is not known.
    public var unknown: Int64 = 0

    /// Creates causes without idle time.
    public init() {}

    /// The sum of all causes.
    public var total: Int64 { host + dependency + launch + unknown }

    /// Returns the sums of the causes of two ranks.
    public static func + (left: IdleCauses, right: IdleCauses) -> IdleCauses {
        var sum = left
        for part in [\Self.host, \.dependency, \.launch, \.unknown] { sum[keyPath: part] += right[keyPath: part] }
        return sum
    }

    /// The longest gap after a launch that counts as ``launch``, in nanoseconds.
    ///
    /// On an idle device, a kernel starts 2 to 10 µs after its launching call returns.
    public static let launchGap: Int64 = 10_000

    /// Splits each gap between busy times by the launch of the work that ends the gap. O(n log n).
    ///
    /// The time from the start of a gap until the launching call returns counts as ``host``. The rest counts as
    /// ``launch`` if it is at most ``launchGap``, and as ``dependency`` otherwise. A gap before work without a launch
    /// counts as ``unknown``.
    ///
    /// If the rank recorded its waits, they replace this estimate: idle time within a recorded wait counts as
    /// ``dependency``, all other idle time as ``host``.
    init(_ trace: RankTrace, indices: [Int], times: ClassTimes) {
        let spans = trace.timeline.spans
        if trace.sharesClock, let extent = times.busy.extent {
            let gaps = times.busy.gaps(in: extent)
            // A simulation records no waits, and all its gaps are waits for other ranks.
            dependency = times.waiting.isEmpty ? gaps.length : gaps.intersection(times.waiting).length
            host = gaps.length - dependency
            return
        }
        let order = indices.sorted { (spans[$0].start, $0) < (spans[$1].start, $1) }
        var next = 0
        for (before, after) in times.busy.intervals.adjacentPairs() {
            while next < order.count, spans[order[next]].start < after.lowerBound { next += 1 }
            let gap = after.lowerBound - before.upperBound
            guard next < order.count, trace.launchOfSpan[order[next]] >= 0 else {
                unknown += gap
                continue
            }
            let call = trace.launches[Int(trace.launchOfSpan[order[next]])]
            let waited = min(gap, max(0, call.end - before.upperBound))
            host += waited
            if gap - waited <= Self.launchGap { launch += gap - waited } else { dependency += gap - waited }
        }
    }
}
