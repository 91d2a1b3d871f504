/// How one rank spent its time, measured by unions of intervals. All times are nanoseconds.
public struct OverlapSummary: Hashable, Sendable {
    /// From the first start to the last end.
    public let extent: Int64
    /// Time in which anything but waiting runs.
    public let busy: Int64
    /// Time in which compute runs.
    public let compute: Int64
    /// Time in which communication or transfer runs.
    public let communication: Int64
    /// Time in which compute and communication both run: communication that is hidden.
    public let overlap: Int64

    /// Time in which nothing runs.
    public var idle: Int64 { extent - busy }
    /// Communication that no compute hides.
    public var exposed: Int64 { communication - overlap }
    /// The hidden part of communication, 0 to 1; nil where there is none.
    public var hiddenShare: Double? {
        communication == 0 ? nil : Double(overlap) / Double(communication)
    }
}

extension Timeline {
    /// How `rank` spent its time. O(n log n) in its spans.
    public func overlap(ofRank rank: Int) -> OverlapSummary {
        let compute = times(ofRank: rank) { $0 == .compute }
        let communication = times(ofRank: rank) { $0 == .communication || $0 == .transfer }
        let busy = times(ofRank: rank) { $0 != .wait }
        let all = times(ofRank: rank) { _ in true }
        return OverlapSummary(
            extent: all.extent.map { $0.upperBound - $0.lowerBound } ?? 0,
            busy: busy.length,
            compute: compute.length,
            communication: communication.length,
            overlap: compute.intersection(communication).length)
    }

    /// The times at which `rank` does work of the classes that `isWanted` names. O(n log n) in its spans.
    public func times(ofRank rank: Int, where isWanted: (ActivityClass) -> Bool) -> IntervalSet {
        let wantedLanes = lanes.map { $0.rank == rank }
        let wantedLabels = labels.map { isWanted($0.activity) }
        return IntervalSet(
            spans.lazy.filter { wantedLanes[Int($0.lane)] && wantedLabels[Int($0.label)] }.map(\.interval))
    }
}
