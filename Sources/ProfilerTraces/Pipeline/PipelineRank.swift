public import Timelines

/// Where one rank of a pipeline idles. All times are nanoseconds.
public struct PipelineRank: Hashable, Sendable {
    /// The rank.
    public let rank: Int
    /// How long each phase lasts, in the order of ``PipelinePhase``.
    public let lengths: [Int64]
    /// What of each phase is bubble, in the same order.
    public let bubbles: [PipelineBubble]
    /// When the rank waited for other stages to compute, on the first rank's clock.
    public let waiting: IntervalSet
    /// When it waited for what was on its way.
    public let transfer: IntervalSet
    /// How long the rank says that it waited for what other stages send; 0 where it does not say.
    public let stageWait: Int64

    /// The bubble of all phases.
    public var total: PipelineBubble { bubbles.reduce(PipelineBubble()) { $0 + $1 } }

    /// Cuts a rank's times into phases; all of them lie within `window`. What the rank says of its waiting counts whole
    /// unless the window `isPartial` by a user: a rank may wait before any has begun.
    init(_ times: PipelineRankTimes, window: Range<Int64>, isPartial: Bool) {
        rank = times.rank
        stageWait = (isPartial ? times.stageWaits.clipped(to: window) : times.stageWaits).length
        let steady = min(max(times.steadyStart, window.lowerBound), window.upperBound)
        let drain = min(max(times.drainStart, steady), window.upperBound)
        let phases = [window.lowerBound..<steady, steady..<drain, drain..<window.upperBound]
        let waiting = times.waiting.subtracting(times.busy).clipped(to: window)
        let transfer = times.transfer.subtracting(times.busy).subtracting(waiting).clipped(to: window)
        self.waiting = waiting
        self.transfer = transfer
        lengths = phases.map { $0.upperBound - $0.lowerBound }
        bubbles = phases.map { phase in
            var bubble = PipelineBubble()
            bubble.waiting = waiting.clipped(to: phase).length
            bubble.transfer = transfer.clipped(to: phase).length
            bubble.other =
                phase.upperBound - phase.lowerBound - times.busy.clipped(to: phase).length - bubble.waiting
                - bubble.transfer
            return bubble
        }
    }
}

/// When a rank of a pipeline worked and for what it waited, on the first rank's clock.
struct PipelineRankTimes {
    var rank: Int
    var busy = IntervalSet()
    var waiting = IntervalSet()
    var transfer = IntervalSet()
    var steadyStart: Int64 = .max
    var drainStart: Int64 = .max
    var stageWaits = IntervalSet()
}
