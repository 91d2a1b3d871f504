package import LibTorch

/// A checker that proves, with vector clocks, that an event orders any two accesses of different streams to the same
/// memory of which one writes.
///
/// Memory that is freed counts as written by the stream of its allocation, which reuses it. So does memory at its
/// allocation, because the same stream may still use what was there before. Source: Flanagan and Freund, "FastTrack",
/// 2009.
package struct StreamChecker {
    /// Two accesses that no event orders.
    package struct Hazard: Hashable, CustomStringConvertible {
        package let first: Access
        package let second: Access

        package var description: String {
            "stream \(second.stream) does '\(second.name)' without waiting for '\(first.name)' of stream \(first.stream)"
        }
    }

    /// An access of a stream to a block of memory.
    package struct Access: Hashable {
        package let stream: Int
        package let name: String
    }

    /// An access of the stream with the given index, at a time of its clock.
    private struct Use {
        let stream: Int
        let time: Int
        /// The step's position in the trace.
        let position: Int
    }

    private struct Block {
        /// The stream that reuses the memory; nil if the block was allocated before the trace.
        var owner: Int?
        var write: Use?
        /// The last read of each stream since the last write.
        var reads: [Use] = []
        /// The streams whose work the owner waits for before it reuses the memory.
        var keepers: [Int] = []

        /// The last accesses that a write must follow.
        var accesses: [Use] { (write.map { [$0] } ?? []) + reads }
    }

    private let trace: StreamTrace
    /// The index of each stream.
    private let indices: [Int: Int]
    /// The thread that issues the work of each stream.
    private let threads: [Int]
    /// For each stream, the times of all streams that have passed before the work that is issued to it now.
    private var clocks: [[Int]]
    private var events: [Int: [Int]] = [:]
    private var blocks: [Int: Block] = [:]
    private var hazards: [Hazard] = []

    private init(_ trace: StreamTrace) {
        self.trace = trace
        let threadOfStream = Dictionary(trace.steps.map { ($0.stream, $0.thread) }) { first, _ in first }
        let streams = threadOfStream.keys.sorted()
        threads = streams.map { threadOfStream[$0] ?? 0 }
        indices = Dictionary(uniqueKeysWithValues: zip(streams, streams.indices))
        clocks = streams.indices.map { own in streams.indices.map { $0 == own ? 1 : 0 } }
    }

    /// Returns the accesses of `trace` that no event orders, in the order in which they were issued.
    package static func hazards(in trace: StreamTrace) -> [Hazard] {
        var checker = StreamChecker(trace)
        for position in trace.steps.indices { checker.take(position) }
        return checker.hazards
    }

    private mutating func take(_ position: Int) {
        let step = trace.steps[position]
        guard let stream = indices[step.stream] else { return }
        let use = Use(stream: stream, time: clocks[stream][stream], position: position)
        switch step.kind {
        case .record:
            events[step.object] = clocks[stream]
            clocks[stream][stream] += 1
        case .wait: join(stream, events[step.object])
        case .synchronize:
            for each in clocks.indices where threads[each] == step.thread { join(each, events[step.object]) }
        case .read:
            if let write = blocks[step.object]?.write { require(write, before: use, clocks[stream]) }
            blocks[step.object, default: Block()].reads.removeAll { $0.stream == stream }
            blocks[step.object, default: Block()].reads.append(use)
        case .write: write(step.object, use)
        case .allocate:
            write(step.object, use)
            blocks[step.object]?.owner = stream
        case .free: free(step.object, use)
        case .keep: blocks[step.object, default: Block()].keepers.append(stream)
        }
    }

    private mutating func join(_ stream: Int, _ event: [Int]?) {
        guard let event else { return }
        for (other, time) in event.enumerated() { clocks[stream][other] = max(clocks[stream][other], time) }
    }

    private mutating func write(_ object: Int, _ use: Use) {
        let block = blocks[object] ?? Block()
        for earlier in block.accesses { require(earlier, before: use, clocks[use.stream]) }
        blocks[object] = Block(owner: block.owner, write: use, keepers: block.keepers)
    }

    private mutating func free(_ object: Int, _ use: Use) {
        guard let block = blocks.removeValue(forKey: object), let owner = block.owner else { return }
        var done = clocks[owner]
        for keeper in block.keepers { done = zip(done, clocks[keeper]).map(max) }
        for earlier in block.accesses { require(earlier, before: use, done) }
    }

    private mutating func require(_ earlier: Use, before use: Use, _ clock: [Int]) {
        guard clock[earlier.stream] < earlier.time else { return }
        hazards.append(Hazard(first: access(earlier), second: access(use)))
    }

    private func access(_ use: Use) -> Access {
        Access(stream: trace.steps[use.position].stream, name: trace.steps[use.position].name)
    }
}
