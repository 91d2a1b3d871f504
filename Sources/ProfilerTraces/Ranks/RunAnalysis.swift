import Dispatch
import Synchronization
public import Timelines

/// What the traces of several ranks of one run say together.
public struct RunAnalysis: Sendable {
    /// The ranks' own figures, by rank.
    public let ranks: [RankAnalysis]
    /// How far each rank's clock is from the first one's, in the order of ``ranks``.
    public let clocks: [ClockOffset]
    /// The collectives that could be matched over ranks, by start.
    public let collectives: [CollectiveMatch]
    /// Each rank's part in the waiting, in the order of ``ranks``.
    public let waiting: [RankWaiting]

    /// Analyses traces, one a rank, in any order, as many at once as there are cores. `window` counts nanoseconds from each rank's first start.
    public init(_ traces: [RankTrace], window: Range<Int64>? = nil) {
        let traces = traces.sorted { ($0.rank, $0.path) < ($1.rank, $1.path) }
        let analyses = Mutex([RankAnalysis?](repeating: nil, count: traces.count))
        DispatchQueue.concurrentPerform(iterations: traces.count) { index in
            let analysis = RankAnalysis(traces[index], window: window)
            analyses.withLock { $0[index] = analysis }
        }
        ranks = analyses.withLock { $0.compactMap(\.self) }
        let matching = CollectiveMatching(traces)
        clocks = matching.clocks
        collectives = matching.matches
        waiting = matching.waiting
    }

    /// The sums over ranks.
    public var total: TimeBreakdown { ranks.reduce(TimeBreakdown()) { $0 + $1.breakdown } }

    /// All ranks' work as one timeline, on the first rank's clock, from 0.
    public static func mergedTimeline(_ traces: [RankTrace]) -> Timeline {
        let traces = traces.sorted { ($0.rank, $0.path) < ($1.rank, $1.path) }
        let clocks = CollectiveMatching(traces).clocks
        let shifts = zip(traces, clocks).map { $0.baseTime &- $1.offset }
        let origin =
            zip(traces, shifts).compactMap { trace, shift in
                trace.timeline.extent.map { $0.lowerBound &+ shift }
            }.min() ?? 0
        var merged = Timeline()
        for (trace, shift) in zip(traces, shifts) {
            merged.append(contentsOf: trace.timeline, offset: shift &- origin)
        }
        return merged
    }
}
