public import Timelines

/// The bubbles of one rank of a pipeline. All times are nanoseconds.
public struct PipelineRank: Hashable, Sendable {
    /// The rank.
    public let rank: Int
    /// The length of each phase, in the order of ``PipelinePhase``.
    public let lengths: [Int64]
    /// The bubble of each phase, in the order of ``PipelinePhase``.
    public let bubbles: [PipelineBubble]
    /// The times at which the rank waited for other stages to compute, on the first rank's clock.
    public let waiting: IntervalSet
    /// The times at which the rank waited for a transfer in flight, on the first rank's clock.
    public let transfer: IntervalSet
    /// The time that the rank recorded as waiting for other stages; 0 if it recorded no waits.
    public let stageWait: Int64

    /// The sum of the bubbles of all phases.
    public var total: PipelineBubble { bubbles.reduce(PipelineBubble()) { $0 + $1 } }

    /// Divides the times of a rank within `window` into phases.
    ///
    /// `isPartial` says whether a user chose the window. If not, recorded waits outside the window also count, since a
    /// rank may wait before any rank's first action.
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

/// The times at which a rank of a pipeline worked and waited, on the first rank's clock.
struct PipelineRankTimes {
    var rank: Int
    var busy = IntervalSet()
    var waiting = IntervalSet()
    var transfer = IntervalSet()
    var steadyStart: Int64 = .max
    var drainStart: Int64 = .max
    var stageWaits = IntervalSet()
}
