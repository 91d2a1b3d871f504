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
    public init(_ problem: OverlapProblem) {
        let weightCosts = problem.weights.reduce(0) { $0 + $1.cost }
        let forward = UnpairedPath(problem.forward, weights: [])
        let backward = UnpairedPath(problem.backward, weights: problem.weights)
        work = forward.work + backward.work + weightCosts
        criticalPath = max(forward.length, backward.length)
        let exchanges = [forward.exchanges, backward.exchanges].compactMap { $0 }
        channel =
            exchanges.reduce(0) { $0 + $1.sum } + (exchanges.map(\.head).min() ?? 0)
            + (exchanges.map(\.tail).min() ?? 0)
        time = max(work, channel, criticalPath)
    }
}

/// One sequence with host and channel to itself.
private struct UnpairedPath {
    /// What the host has to do.
    private(set) var work: Int64 = 0
    /// From its start to its end and that of what can only follow then.
    private(set) var length: Int64 = 0
    /// Its exchanges up to the last that something reads: the host's work before the first, all their costs, and what follows
    /// the last; nil where nothing reads any.
    private(set) var exchanges: (head: Int64, sum: Int64, tail: Int64)?

    init(_ sequence: SegmentSequence, weights: [WeightSegment]) {
        let segments = sequence.segments
        var ends = [Int64](repeating: 0, count: segments.count)
        var segmentEnds = ends
        var (time, channel): (Int64, Int64) = (0, 0)
        var lastRead: (exchange: Int, reader: Int)?
        for (index, segment) in segments.enumerated() {
            for read in segment.reads {
                time = max(time, ends[read])
                if read > lastRead?.exchange ?? -1 { lastRead = (read, index) }
            }
            time += segment.hostCost
            work += segment.hostCost
            segmentEnds[index] = time
            guard segment.resource == .channel else { continue }
            channel = max(channel, time) + segment.cost
            ends[index] = channel
        }
        for read in sequence.resultReads {
            time = max(time, ends[read])
            if read > lastRead?.exchange ?? -1 { lastRead = (read, segments.count) }
        }
        length = time
        // Behind each segment, the host still has to do the rest and the weight gradients that are not ready before it is over.
        var rest: Int64 = 0
        var restFrom = [Int64](repeating: 0, count: segments.count + 1)
        var weight = weights.count
        var weightCosts: Int64 = 0
        var latest: [Int] = []
        for weight in weights { latest.append(max(latest.last ?? -1, weight.after ?? -1)) }
        for index in segments.indices.reversed() {
            while let after = latest.last, after >= index {
                latest.removeLast()
                weight -= 1
                weightCosts += weights[weight].cost
            }
            length = max(length, segmentEnds[index] + rest + weightCosts)
            rest += segments[index].hostCost
            restFrom[index] = rest + weightCosts
        }
        guard let lastRead else { return }
        let isExchange = segments.indices.filter { segments[$0].resource == .channel }
        let first = isExchange[0]
        exchanges = (
            segments[...first].reduce(0) { $0 + $1.hostCost },
            isExchange.reduce(0) { $0 + ($1 <= lastRead.exchange ? segments[$1].cost : 0) }, restFrom[lastRead.reader]
        )
    }
}
