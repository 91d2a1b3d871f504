public import Timelines

/// The bubbles of a pipeline by rank and phase, divided into waiting for the computation of other stages, transfer and
/// other time.
///
/// The window is the step: from the earliest start of work on any rank to the latest end. The bubble of a rank is the
/// time in the window in which the rank does no work. Work is actions, or kernels if the trace has no actions.
public struct PipelineAnalysis: Hashable, Sendable {
    /// The events of a trace that show a pipeline.
    public enum Source: Hashable, Sendable {
        /// Actions of a schedule, as in recorded and simulated timelines.
        case actions
        /// Kernels that send and receive, such as those of NCCL.
        case messages
    }

    /// The events that showed the pipeline.
    public let source: Source
    /// The analyzed window, in nanoseconds on the first rank's clock.
    public let window: Range<Int64>
    /// The ranks of the pipeline, by number.
    public let ranks: [PipelineRank]

    /// The step's length, in nanoseconds.
    public var length: Int64 { window.upperBound - window.lowerBound }
    /// The sum of the bubbles of all ranks.
    public var total: PipelineBubble { ranks.reduce(PipelineBubble()) { $0 + $1.total } }
    /// The bubble's share of the time of all ranks, 0 to 1; nil if the window is empty.
    public var bubbleShare: Double? {
        BubbleShare.of(busy: length * Int64(ranks.count) - total.total, window: length, ranks: ranks.count)
    }

    /// Returns the share of a step of `length` nanoseconds in which ranks recorded that they waited for another stage,
    /// as the mean over ranks; nil if they recorded no wait.
    public func stageWaitShare(ofStep length: Int64) -> Double? {
        let waited = ranks.reduce(0) { $0 + $1.stageWait }
        guard length > 0, waited > 0 else { return nil }
        return Double(waited) / (Double(length) * Double(ranks.count))
    }

    /// Analyzes traces whose clock offsets and messages are known, or their part in `window`, which is in nanoseconds
    /// from the earliest start of all ranks. `messages` is nil if the traces have actions. Nil if the traces show no
    /// pipeline.
    init?(
        _ traces: [RankTrace], _ messages: PipelineMessages?, clocks: [ClockOffset],
        window relative: Range<Int64>? = nil
    ) {
        let origin = traces.map(\.baseTime).min() ?? 0
        let shifts = zip(traces, clocks).map { $0.baseTime &- $1.offset &- origin }
        var times: [PipelineRankTimes]
        if let messages {
            source = .messages
            times = messages.times(traces, shifts)
        } else {
            source = .actions
            times = PipelineDependencies(traces).times(traces, shifts)
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
        ranks = times.map { PipelineRank($0, window: window, isPartial: relative != nil) }
    }
}
