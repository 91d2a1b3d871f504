/// A time that no plan of given segments can beat. Times are nanoseconds.
public struct OverlapBound: Hashable, Sendable {
    /// All that the host has to do.
    public let work: Int64
    /// The first exchange's earliest start, all exchanges, and the least that follows any.
    public let channel: Int64
    /// The longer of the two sequences, alone.
    public let criticalPath: Int64
    /// The largest of all.
    public let time: Int64

    /// Computes the bound. O(segments and what they read).
    public init(_ problem: OverlapProblem) { self.init(OverlapTables(problem)) }

    init(_ tables: OverlapTables) {
        let (forward, backward) = (tables.segments[0], tables.segments[tables.forward.count + 1])
        work = forward.hostLeft + backward.hostLeft + tables.products[0].left
        criticalPath = max(forward.path, backward.path)
        // A sequence has slots where something reads one of its exchanges.
        let exchanging = [(forward, tables.forward), (backward, tables.backward)].filter { $0.1.slotCount > 0 }
        channel =
            exchanging.reduce(0) { $0 + $1.0.channelLeft } + (exchanging.map(\.0.channelHead).min() ?? 0)
            + (exchanging.map(\.1.channelTail).min() ?? 0)
        time = max(work, channel, criticalPath)
    }
}
