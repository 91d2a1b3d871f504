import Timelines

extension ClassTimes {
    /// Computes the times of the spans at `indices` of a trace, clipped to `window`. O(n log n).
    init(_ trace: RankTrace, indices: [Int], window: Range<Int64>) {
        let spans = trace.timeline.spans
        func times(_ isWanted: (KernelKind) -> Bool) -> IntervalSet {
            let wanted = trace.kinds.map(isWanted)
            guard wanted.contains(true) else { return IntervalSet() }
            var intervals: [Range<Int64>] = []
            for index in indices where wanted[Int(spans[index].event)] {
                intervals.append(spans[index].interval.clamped(to: window))
            }
            return IntervalSet(intervals)
        }
        self.init(
            compute: times { $0.activity == .compute },
            communication: times { $0.activity == .communication || $0.activity == .transfer },
            memory: times { $0.activity == .memory }, waiting: times { $0.role == .wait },
            unknown: times { $0.activity == .unknown })
    }
}
