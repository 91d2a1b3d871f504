public import Timelines

/// The bubbles of a pipeline: each rank's by phase, divided into waiting for other stages to compute and transfer.
///
/// The window is that of the step: from the first rank's first action to the last one's last. Bubble is all of it in
/// which a rank runs no action.
public struct PipelineAnalysis: Hashable, Sendable {
    /// The evidence of a pipeline.
    public enum Source: Hashable, Sendable {
        /// Actions of a schedule, as our own timelines have them.
        case actions
        /// Kernels that send and receive, as NCCL's are.
        case messages
    }

    /// The evidence that showed the pipeline.
    public let source: Source
    /// The window that was analysed, in nanoseconds on the first rank's clock.
    public let window: Range<Int64>
    /// The ranks that take part, by rank.
    public let ranks: [PipelineRank]

    /// The step's length, in nanoseconds.
    public var length: Int64 { window.upperBound - window.lowerBound }
    /// The bubble of all ranks.
    public var total: PipelineBubble { ranks.reduce(PipelineBubble()) { $0 + $1.total } }
    /// The part of all ranks' time that is bubble, 0 to 1; nil if there is none.
    public var bubbleShare: Double? {
        BubbleShare.of(busy: length * Int64(ranks.count) - total.total, window: length, ranks: ranks.count)
    }

    /// The part of a step of `length` nanoseconds in which ranks record that they waited for another stage; nil if they
    /// record none.
    public func stageWaitShare(ofStep length: Int64) -> Double? {
        let waited = ranks.reduce(0) { $0 + $1.stageWait }
        guard length > 0, waited > 0 else { return nil }
        return Double(waited) / (Double(length) * Double(ranks.count))
    }

    /// Looks at traces on clocks that are known, or at their part in `window`, which counts nanoseconds from the
    /// first start of all; nil if they show no pipeline.
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
        ranks = times.map { PipelineRank($0, window: window, isPartial: relative != nil) }
    }
}
