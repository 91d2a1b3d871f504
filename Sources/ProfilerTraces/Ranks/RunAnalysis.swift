public import Timelines

/// The analysis of the traces of all ranks of one run.
public struct RunAnalysis: Sendable {
    /// The analysis of each rank, by rank.
    public let ranks: [RankAnalysis]
    /// The offset of each rank's clock from the first rank's, in the order of ``ranks``.
    public let clocks: [ClockOffset]
    /// The collectives that were matched across ranks, by start.
    public let collectives: [CollectiveMatch]
    /// The waiting of each rank, and the waiting that the rank caused, in the order of ``ranks``.
    public let waiting: [RankWaiting]
    /// The bubbles of the pipeline; nil if the traces show no pipeline. For the bubbles, a window always counts from
    /// the run's first start.
    public let pipeline: PipelineAnalysis?

    /// Analyzes traces, one per rank, in any order. The ranks are analyzed in parallel on all cores.
    ///
    /// `window` is in nanoseconds from each rank's first start, or from the run's first start if all ranks share one
    /// clock.
    public init(_ traces: [RankTrace], window: Range<Int64>? = nil) {
        let traces = traces.byRank
        let origin = traces.allSatisfy(\.sharesClock) ? traces.compactMap { $0.timeline.extent?.lowerBound }.min() : nil
        var ranks = inParallel(traces.count) { RankAnalysis(traces[$0], window: window, origin: origin) }
        let messages = Self.messages(traces)
        let windows = zip(traces, ranks).map { ($1.window ?? 0..<0).moved(by: $0.baseTime) }
        let matching = Self.matching(traces, messages, windows: window == nil ? nil : windows)
        clocks = matching.clocks
        pipeline = PipelineAnalysis(traces, messages, clocks: matching.clocks, window: window)
        collectives = matching.matches
        waiting = matching.waiting
        for rank in ranks.indices where ranks.count > 1 {
            ranks[rank].notes += [
                TraceNote(.unmatchedCollectives, count: matching.waiting[rank].unmatched),
                TraceNote(.messagesWithoutPeer, count: messages?.unknown[rank] ?? 0),
                TraceNote(.messagesWithoutCounterpart, count: messages?.withoutCounterpart[rank] ?? 0),
            ].filter { $0.count > 0 }
        }
        self.ranks = ranks
    }

    /// The sum of the breakdowns of all ranks.
    public var total: TimeBreakdown { ranks.reduce(TimeBreakdown()) { $0 + $1.breakdown } }

    /// The doubts about the figures, those of one kind on several ranks as one.
    public var notes: [RunNote] { RunNote.merged(ranks) }

    /// Returns all ranks' work as one timeline on the first rank's clock, starting at 0.
    public static func mergedTimeline(_ traces: [RankTrace]) -> Timeline {
        let traces = traces.byRank
        return merged(traces, shifts: shifts(traces, matching(traces, messages(traces)).clocks))
    }

    /// Returns the merged timeline of the traces that were analyzed, with additional lanes that mark exposed
    /// communication and the pipeline's bubbles.
    public func markedTimeline(_ traces: [RankTrace]) -> Timeline {
        let traces = traces.byRank
        let shifts = Self.shifts(traces, clocks)
        var timeline = Self.merged(traces, shifts: shifts)
        func mark(_ intervals: IntervalSet, _ rank: Int, _ lane: String, _ name: String, shift: Int64) {
            let lane = timeline.index(of: TimelineLane(rank: rank, name: lane))
            let event = timeline.index(of: .kernel(name, .wait))
            for interval in intervals.intervals {
                timeline.append(
                    TimeSpan(
                        start: interval.lowerBound &+ shift, duration: interval.upperBound - interval.lowerBound,
                        lane: lane, event: event))
            }
        }
        for (rank, shift) in zip(ranks, shifts) where !rank.times.exposed.isEmpty {
            mark(rank.times.exposed, rank.rank, "exposed communication", "exposed", shift: shift)
        }
        // The pipeline's times are relative to the earliest base time, which is the same for all ranks.
        let base = traces.map(\.baseTime).min() ?? 0
        let ranksOfPipeline = Dictionary(
            (pipeline?.ranks ?? []).map { ($0.rank, $0) }, uniquingKeysWith: { first, _ in first })
        for (index, trace) in traces.enumerated() {
            guard let rank = ranksOfPipeline[trace.rank] else { continue }
            let shift = shifts[index] &- (trace.baseTime &- clocks[index].offset &- base)
            mark(rank.waiting, rank.rank, "pipeline bubble", "waiting", shift: shift)
            mark(rank.transfer, rank.rank, "pipeline bubble", "transfer", shift: shift)
        }
        return timeline
    }

    /// The time to add to the times of each trace, in the order of ``ranks``, to get those of the merged timeline; nil if
    /// neither the traces' own origins nor collectives or messages tell how the clocks of the ranks are related.
    package func shifts(_ traces: [RankTrace]) -> [Int64]? {
        let traces = traces.byRank
        let isKnown =
            traces.allSatisfy(\.sharesClock) || traces.allSatisfy { $0.baseTime != 0 }
            || zip(traces, clocks).dropFirst().allSatisfy { $0.part != nil || $1.uncertainty != nil }
        return isKnown ? Self.shifts(traces, clocks) : nil
    }

    /// The time to add to each trace's times to get those of the merged timeline.
    private static func shifts(_ traces: [RankTrace], _ clocks: [ClockOffset]) -> [Int64] {
        let shifts = zip(traces, clocks).map { $0.baseTime &- $1.offset }
        let origin =
            zip(traces, shifts).compactMap { trace, shift in
                trace.timeline.extent.map { $0.lowerBound &+ shift }
            }.min() ?? 0
        return shifts.map { $0 &- origin }
    }

    private static func merged(_ traces: [RankTrace], shifts: [Int64]) -> Timeline {
        var merged = Timeline()
        for (trace, shift) in zip(traces, shifts) {
            merged.append(contentsOf: trace.timeline, offset: shift)
            // The actions of a simulation are its work, which the timeline already has.
            if trace.timeline.events.contains(where: { $0.action != nil }) { continue }
            for action in trace.actions {
                merged.append(
                    start: action.start &+ shift, duration: action.duration,
                    lane: TimelineLane(rank: trace.rank, name: "actions"), event: .action(action.action))
            }
        }
        return merged
    }

    /// The messages between the ranks; nil if the traces have actions.
    private static func messages(_ traces: [RankTrace]) -> PipelineMessages? {
        traces.contains { !$0.actions.isEmpty } ? nil : PipelineMessages(traces)
    }

    /// Matches the collectives of traces. The messages of the pipeline give the offset of a rank without shared
    /// collectives.
    private static func matching(
        _ traces: [RankTrace], _ messages: PipelineMessages?, windows: [Range<Int64>]? = nil
    ) -> CollectiveMatching {
        let sharesClocks = traces.allSatisfy(\.sharesClock)
        let delays = messages?.delays ?? PipelineDependencies(traces).delays(traces)
        return CollectiveMatching(
            traces, messages: messages?.spans ?? traces.map { _ in [] },
            clocks: LinkClocks.offsets(delays, count: traces.count, trustsClocks: sharesClocks), windows: windows)
    }
}
