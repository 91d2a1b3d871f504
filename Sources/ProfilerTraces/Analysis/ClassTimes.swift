public import Timelines

/// When a device did what: one set of times for each class of work, all within one window.
public struct ClassTimes: Hashable, Sendable {
    /// When computation runs.
    public let compute: IntervalSet
    /// When communication runs.
    public let communication: IntervalSet
    /// When copies or fills run.
    public let memory: IntervalSet
    /// When a communication kernel that only waits runs, or a rank says that it waits.
    public let waiting: IntervalSet
    /// When anything runs.
    public let busy: IntervalSet
    /// When communication runs that no computation hides.
    public let exposed: IntervalSet

    /// The times of the spans at `indices` of a trace, cut to `window`. O(n log n).
    public init(_ trace: RankTrace, indices: [Int], window: Range<Int64>) {
        let spans = trace.timeline.spans
        func times(_ isWanted: (KernelKind) -> Bool) -> IntervalSet {
            let wanted = trace.kinds.map(isWanted)
            var intervals: [Range<Int64>] = []
            for index in indices where wanted[Int(spans[index].label)] {
                intervals.append(spans[index].interval.clamped(to: window))
            }
            return IntervalSet(intervals)
        }
        compute = times { $0.activity == .compute }
        communication = times { $0.activity == .communication || $0.activity == .transfer }
        memory = times { $0.activity == .memory }
        waiting = times { $0.role == .wait }
        busy = compute.union(communication).union(memory)
        exposed = communication.subtracting(compute)
    }

    /// The lengths of the sets.
    public var breakdown: TimeBreakdown {
        var breakdown = TimeBreakdown()
        breakdown.span = busy.extent.map { $0.upperBound - $0.lowerBound } ?? 0
        breakdown.busy = busy.length
        breakdown.compute = compute.length
        breakdown.communication = communication.length
        breakdown.memory = memory.length
        breakdown.overlap = communication.length - exposed.length
        breakdown.waiting = waiting.length
        return breakdown
    }
}
