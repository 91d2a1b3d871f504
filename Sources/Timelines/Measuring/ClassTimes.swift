/// The times at which a rank or device does each class of work, within one window. Runs, simulations and traces share
/// this definition of busy, hidden and exposed time. ``TimeBreakdown`` has the lengths and shares.
public struct ClassTimes: Hashable, Sendable {
    /// The times at which computation runs.
    public let compute: IntervalSet
    /// The times at which communication runs, transfers between stages included.
    public let communication: IntervalSet
    /// The times at which copies or fills run.
    public let memory: IntervalSet
    /// The times at which a communication kernel only waits, or for which a rank has recorded a wait.
    public let waiting: IntervalSet
    /// The times at which work of an unknown class runs.
    public let unknown: IntervalSet
    /// The times at which anything runs.
    public let busy: IntervalSet
    /// The times at which communication runs and computation does not.
    public let exposed: IntervalSet

    /// The times of a rank or device from those of the classes. O(n) in the intervals.
    package init(
        compute: IntervalSet, communication: IntervalSet, memory: IntervalSet, waiting: IntervalSet,
        unknown: IntervalSet = IntervalSet()
    ) {
        self.compute = compute
        self.communication = communication
        self.memory = memory
        self.waiting = waiting
        self.unknown = unknown
        busy = compute.union(communication).union(memory).union(unknown)
        exposed = communication.subtracting(compute)
    }

    /// The lengths of the sets, in nanoseconds.
    public var breakdown: TimeBreakdown {
        var breakdown = TimeBreakdown()
        breakdown.span = busy.extent.map { $0.upperBound - $0.lowerBound } ?? 0
        breakdown.busy = busy.length
        breakdown.compute = compute.length
        breakdown.communication = communication.length
        breakdown.memory = memory.length
        breakdown.overlap = communication.length - exposed.length
        breakdown.waiting = waiting.length
        breakdown.unknown = unknown.length
        return breakdown
    }
}

extension ClassTimes {
    /// The times of one rank of a timeline. If the rank records segments, its actions do not count, because segments,
    /// exchanges and waits cover their time. Without segments, actions count as computation, and transfers as
    /// communication. O(n log n) in the spans.
    public init(_ timeline: Timeline, rank: Int) {
        let isOwn = timeline.lanes.map { $0.rank == rank }
        let own = timeline.spans.filter { isOwn[Int($0.lane)] }
        let hasSegments = own.contains { timeline.event(of: $0).isSegment }
        func times(_ isWanted: (ActivityClass) -> Bool) -> IntervalSet {
            let wanted = timeline.events.map { event in
                isWanted(event.activity) && !(hasSegments && event.action != nil)
            }
            return IntervalSet(own.lazy.filter { wanted[Int($0.event)] }.map(\.interval))
        }
        self.init(
            compute: times { $0 == .compute }, communication: times { $0 == .communication || $0 == .transfer },
            memory: times { $0 == .memory }, waiting: times { $0 == .wait }, unknown: times { $0 == .unknown })
    }
}

extension TimelineEvent {
    /// Whether the event is the computation of a segment.
    package var isSegment: Bool { if case .segment = self { true } else { false } }
}
