import Algorithms
import Timelines

/// Why a device had nothing to do. Nanoseconds; the three sum to the idle time.
public struct IdleCauses: Hashable, Sendable {
    /// The work that ends the gap had not been launched yet: the host was late.
    public var host: Int64 = 0
    /// The work was launched, and waited for an event of another stream, a copy or another rank.
    public var dependency: Int64 = 0
    /// The work was launched and free to run; what is left is the time a launch takes.
    public var launch: Int64 = 0

    /// No idle time.
    public init() {}

    /// All idle time.
    public var total: Int64 { host + dependency + launch }

    /// The sum of two, as over ranks.
    public static func + (left: IdleCauses, right: IdleCauses) -> IdleCauses {
        var sum = left
        for part in [\Self.host, \.dependency, \.launch] { sum[keyPath: part] += right[keyPath: part] }
        return sum
    }

    /// A gap of up to this many nanoseconds behind its launch is the launch's own.
    ///
    /// A kernel starts 2 to 10 µs after its call returns on a device with nothing to do.
    public static let launchGap: Int64 = 10_000

    /// Splits the gaps between busy times by the work that ends each. O(n log n).
    ///
    /// From the gap's start until the launching call returns, the host is waited for; of what then remains, up to
    /// ``launchGap`` is the launch's own, and all of it is a dependency where there is more.
    ///
    /// A rank that records its own waits tells more than launches do: what lies in them waits for another rank, and
    /// what lies between them is the host's.
    init(_ trace: RankTrace, indices: [Int], times: ClassTimes) {
        let spans = trace.timeline.spans
        if trace.sharesClock, let extent = times.busy.extent {
            let gaps = times.busy.gaps(in: extent)
            // A simulation records no waits: its gaps are nothing else.
            dependency = times.waiting.isEmpty ? gaps.length : gaps.intersection(times.waiting).length
            host = gaps.length - dependency
            return
        }
        let order = indices.sorted { (spans[$0].start, $0) < (spans[$1].start, $1) }
        var next = 0
        for (before, after) in times.busy.intervals.adjacentPairs() {
            while next < order.count, spans[order[next]].start < after.lowerBound { next += 1 }
            let gap = after.lowerBound - before.upperBound
            var waited: Int64 = 0
            if next < order.count, spans[order[next]].start == after.lowerBound {
                let launch = trace.launchOfSpan[order[next]]
                if launch >= 0 { waited = min(gap, max(0, trace.launches[Int(launch)].end - before.upperBound)) }
            }
            host += waited
            if gap - waited <= Self.launchGap { launch += gap - waited } else { dependency += gap - waited }
        }
    }
}
