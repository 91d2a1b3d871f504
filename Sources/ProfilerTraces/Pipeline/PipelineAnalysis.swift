public import Timelines

/// Where a pipeline idles: each rank's bubble by phase, and how much of it is waiting for other stages to compute and how
/// much is transfer.
///
/// The window is that of the step: from the first rank's first action to the last one's last. Bubble is all of it in
/// which a rank runs no action.
public struct PipelineAnalysis: Hashable, Sendable {
    /// How the pipeline was seen.
    public enum Source: Hashable, Sendable {
        /// Actions of a schedule, as our own timelines have them.
        case actions
        /// Kernels that send and receive, as NCCL's are.
        case messages
    }

    /// How the pipeline was seen.
    public let source: Source
    /// What was looked at, in nanoseconds on the first rank's clock.
    public let window: Range<Int64>
    /// The ranks that take part, by rank.
    public let ranks: [PipelineRank]

    /// The step's length, in nanoseconds.
    public var length: Int64 { window.upperBound - window.lowerBound }
    /// The bubble of all ranks.
    public var total: PipelineBubble { ranks.reduce(PipelineBubble()) { $0 + $1.total } }
    /// The part of all ranks' time that is bubble, 0 to 1; nil where there is none.
    public var bubbleShare: Double? {
        BubbleShare.of(busy: length * Int64(ranks.count) - total.total, window: length, ranks: ranks.count)
    }

    /// Looks at traces on clocks that are known, or at what of them lies in `window`, which counts nanoseconds from the
    /// first start of all; nil where they show no pipeline.
    init?(_ traces: [RankTrace], clocks: [ClockOffset], window relative: Range<Int64>? = nil) {
        let origin = traces.map(\.baseTime).min() ?? 0
        let shifts = zip(traces, clocks).map { $0.baseTime &- $1.offset &- origin }
        var times: [PipelineRankTimes]
        if traces.contains(where: { !$0.actions.isEmpty }) {
            source = .actions
            times = PipelineDependencies(traces).times(traces, shifts)
        } else {
            source = .messages
            times = PipelineMessages(traces).times(traces, shifts)
        }
        times.removeAll { $0.busy.isEmpty }
        guard let start = times.compactMap({ $0.busy.extent?.lowerBound }).min(),
            let end = times.compactMap({ $0.busy.extent?.upperBound }).max()
        else { return nil }
        var window = start..<end
        if let relative {
            let first = zip(traces, shifts).compactMap { trace, shift in
                trace.timeline.extent.map { $0.lowerBound &+ shift }
            }.min()
            let origin = min(first ?? start, start)
            window = window.clamped(to: (origin + relative.lowerBound)..<(origin + relative.upperBound))
        }
        self.window = window
        ranks = times.map { PipelineRank($0, window: window, isCut: relative != nil) }
    }
}
