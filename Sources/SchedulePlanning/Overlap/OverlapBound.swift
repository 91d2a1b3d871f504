/// A lower bound on the makespan of every plan of given segments. Times are in nanoseconds.
public struct OverlapBound: Hashable, Sendable {
    /// The bound by the host: all of its work.
    public let work: Int64
    /// The bound by the channel: the earliest start of the first exchange, all exchanges, and the least time that
    /// follows the last one.
    public let channel: Int64
    /// The bound by dependencies: the longer of the two sequences if each runs alone.
    public let criticalPath: Int64
    /// The largest of the three bounds.
    public let time: Int64

    /// Computes the bound. O(segments + reads).
    public init(_ problem: OverlapProblem) { self.init(OverlapTables(problem)) }

    init(_ tables: OverlapTables) {
        let (forward, backward) = (tables.segments[0], tables.segments[tables.forward.count + 1])
        work = forward.hostLeft + backward.hostLeft + tables.products[0].left
        criticalPath = max(forward.path, backward.path)
        // A sequence has slots if one of its exchanges is read.
        let exchanging = [(forward, tables.forward), (backward, tables.backward)].filter { $0.1.slotCount > 0 }
        channel =
            exchanging.reduce(0) { $0 + $1.0.channelLeft } + (exchanging.map(\.0.channelHead).min() ?? 0)
            + (exchanging.map(\.1.channelTail).min() ?? 0)
        time = max(work, channel, criticalPath)
    }
}
