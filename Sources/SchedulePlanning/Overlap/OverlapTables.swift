/// A problem as flat tables for the planner's loops. Times are in nanoseconds.
///
/// The channel serves exchanges in the order of their starts. Of several exchanges that a segment reads, the one that
/// started last therefore ends last. After a wait for an exchange, all earlier ones of its sequence are over. A segment
/// therefore waits for at most one exchange, and few exchanges are awaited at any time. Their ends lie in a ring of
/// slots.
struct OverlapTables {
    /// A segment, and the least remaining times from its start on. An extra segment stands for the end of each
    /// sequence.
    struct Segment {
        /// The time for which the segment occupies the host.
        var host: Int64 = 0
        /// The time for which the segment occupies the channel.
        var channel: Int64 = 0
        /// Whether the segment starts an exchange.
        var isExchange = false
        /// The slot with the end of the exchange that the segment waits for; -1 for none. The extra segment waits for
        /// the result's exchange.
        var reads: Int32 = -1
        /// The slot for the end of the exchange that the segment starts; -1 if nothing waits for it.
        var writes: Int32 = -1
        /// The remaining time of the host.
        var hostLeft: Int64 = 0
        /// The remaining time of the channel, up to the last exchange that is awaited.
        var channelLeft: Int64 = 0
        /// The least time to the end of the sequence and of the weight gradients that must follow it.
        var path: Int64 = 0
        /// The same least time, counted from the start of the channel's next exchange.
        var channelPath: Int64 = 0
        /// The time of the host until the channel gets the next exchange.
        var channelHead: Int64 = 0
    }

    /// A weight gradient. An extra one stands for the end.
    struct Product {
        /// The time that the weight gradient takes.
        var cost: Int64 = 0
        /// The time that this and all later weight gradients take.
        var left: Int64 = 0
        /// The number of backward segments that must run before the weight gradient.
        var after: Int = .max
    }

    /// The sizes of the tables of one sequence.
    struct Extent {
        /// The number of segments.
        let count: Int
        /// The largest number of exchanges that are awaited at any time.
        var slotCount = 0
        /// The least time that follows the last awaited exchange.
        var channelTail: Int64 = 0
    }

    let forward, backward: Extent
    /// The forward's segments, then the backward's, each with an extra segment at the end.
    let segments: [Segment]
    /// For each segment and slot of its sequence, the least time from the end that lies in the slot to the end of the
    /// sequence.
    let slotPaths: [Int64]
    let products: [Product]

    /// Computes the tables. O(segments + weight gradients + reads).
    init(_ problem: OverlapProblem) {
        var products = problem.weights.map { Product(cost: $0.cost, after: ($0.after ?? -1) + 1) } + [Product()]
        for index in problem.weights.indices.reversed() {
            products[index].left = products[index].cost + products[index + 1].left
        }
        self.products = products
        // For each backward segment, the time of the weight gradients that cannot start before the segment ends.
        var following = [Int64](repeating: 0, count: problem.backward.segments.count)
        var covered = 0
        for product in products.dropLast() {
            for segment in covered..<max(covered, product.after) { following[segment] = product.left }
            covered = max(covered, product.after)
        }
        let one = SequenceTables(problem.forward, following: Array(repeating: 0, count: problem.forward.segments.count))
        let two = SequenceTables(problem.backward, following: following)
        forward = one.extent
        backward = two.extent
        segments = one.segments + two.segments
        slotPaths = one.slotPaths + two.slotPaths
    }

    /// Pointers to the tables, for loops without reference counts and bounds checks.
    struct Pointers {
        let forward, backward: UnsafeBufferPointer<Segment>
        let forwardPaths, backwardPaths: UnsafeBufferPointer<Int64>
        let products: UnsafeBufferPointer<Product>
        let forwardExtent, backwardExtent: Extent
    }

    /// Calls `body` with pointers that are valid until it returns.
    func withPointers<Result>(_ body: (Pointers) -> Result) -> Result {
        let (count, pathCount) = (forward.count + 1, (forward.count + 1) * forward.slotCount)
        return segments.withUnsafeBufferPointer { segments in
            slotPaths.withUnsafeBufferPointer { paths in
                products.withUnsafeBufferPointer { products in
                    body(
                        Pointers(
                            forward: segments.extracting(..<count), backward: segments.extracting(count...),
                            forwardPaths: paths.extracting(..<pathCount), backwardPaths: paths.extracting(pathCount...),
                            products: products, forwardExtent: forward, backwardExtent: backward))
                }
            }
        }
    }
}

/// The tables of one sequence.
private struct SequenceTables {
    var extent: OverlapTables.Extent
    var segments: [OverlapTables.Segment]
    var slotPaths: [Int64] = []

    init(_ sequence: SegmentSequence, following: [Int64]) {
        extent = OverlapTables.Extent(count: sequence.segments.count)
        segments = sequence.segments.map { segment in
            OverlapTables.Segment(
                host: segment.hostCost, channel: segment.resource == .channel ? segment.cost : 0,
                isExchange: segment.resource == .channel)
        }
        segments.append(OverlapTables.Segment())
        let lastAwaited = assignSlots(sequence)
        let slotCount = extent.slotCount
        slotPaths = Array(repeating: 0, count: segments.count * slotCount)
        for index in sequence.segments.indices.reversed() {
            let next = segments[index + 1]
            var segment = segments[index]
            segment.hostLeft = segment.host + next.hostLeft
            segment.channelLeft = next.channelLeft
            segment.channelPath = next.channelPath
            segment.channelHead = segment.host + (segment.isExchange ? 0 : next.channelHead)
            var rest = max(next.path, next.hostLeft + following[index])
            if segment.isExchange, index <= lastAwaited {
                if segment.writes >= 0 {
                    let after = slotPaths[(index + 1) * slotCount + Int(segment.writes)]
                    segment.channelPath = max(segment.channelPath, after)
                    if index == lastAwaited { extent.channelTail = after }
                }
                segment.channelPath += segment.channel
                segment.channelLeft += segment.channel
                rest = max(rest, segment.channelPath)
            }
            segment.path = segment.host + rest
            segments[index] = segment
            for slot in 0..<slotCount {
                slotPaths[index * slotCount + slot] =
                    Int32(slot) == segment.reads ? segment.path : slotPaths[(index + 1) * slotCount + slot]
            }
        }
    }

    /// Assigns every awaited exchange a slot from its start to its first reader, and returns the last awaited exchange;
    /// -1 if there is none.
    private mutating func assignSlots(_ sequence: SegmentSequence) -> Int {
        var awaited: [(exchange: Int, reader: Int)] = []
        for (reader, reads) in (sequence.segments.map(\.reads) + [sequence.resultReads]).enumerated() {
            if let last = reads.max(), last > awaited.last?.exchange ?? -1 { awaited.append((last, reader)) }
        }
        var oldest = 0
        for (index, wait) in awaited.enumerated() {
            while awaited[oldest].reader <= wait.exchange { oldest += 1 }
            extent.slotCount = max(extent.slotCount, index - oldest + 1)
        }
        for (index, wait) in awaited.enumerated() {
            segments[wait.exchange].writes = Int32(index % extent.slotCount)
            segments[wait.reader].reads = Int32(index % extent.slotCount)
        }
        return awaited.last?.exchange ?? -1
    }
}
