/// A beam search over the interleavings of a forward and a backward. The level of a state is the number of segments of
/// both sequences that have run.
///
/// A transition runs the next segment of the forward or of the backward. Weight gradients run only while that segment
/// would wait: a weight gradient that runs while the segment is ready can be swapped with the segment without loss.
/// Either as many weight gradients run as fit into the wait, or one more; fewer gain nothing.
///
/// A cell holds the states in which the same segments have run. A state dominates another of its cell if it is no later
/// in any respect. A state is dropped if it is dominated, if it cannot end below the best known makespan, or if the
/// cell is full and the state is the least promising. If no state is dropped because of a full cell, no better plan
/// exists.
struct OverlapBeam {
    /// The result of a search.
    struct Outcome {
        /// The best order and its makespan; nil if no order below the given makespan was found.
        var found: (order: [OverlapPlan.Pass], makespan: Int64)?
        /// Whether no state was dropped for lack of room or effort.
        var isExact = true
        /// The number of states that were examined.
        var effort = 0
    }

    /// Searches for an order with a makespan below `makespan`.
    ///
    /// - Parameters:
    ///   - makespan: The makespan to improve on.
    ///   - width: The maximum number of states per cell.
    ///   - effortLimit: The number of states after which the search gives up.
    /// - Complexity: O(forward segments · backward segments · width²).
    static func search(_ tables: OverlapTables, below makespan: Int64, width: Int, effortLimit: Int) -> Outcome {
        let stride = Word.slots + tables.forward.slotCount + tables.backward.slotCount
        let cells = min(tables.forward.count, tables.backward.count) + 1
        let capacity = (cells * width + 1) * stride
        let memory = UnsafeMutablePointer<Int64>.allocate(capacity: 2 * capacity)
        defer { memory.deallocate() }
        return tables.withPointers { pointers in
            var beam = OverlapBeam(
                tables: pointers, stride: stride, width: width, effortLimit: effortLimit, current: memory,
                next: memory + capacity, makespan: makespan)
            beam.outcome.found = beam.run()
            return beam.outcome
        }
    }

    /// The positions of the words of a state. The slots of the forward and then those of the backward follow.
    private enum Word {
        static let bound = 0
        static let key = 1
        static let node = 2
        static let weights = 3
        static let time = 4
        static let channel = 5
        static let slots = 6
    }

    /// A transition to a kept state: the previous node, the number of weight gradients that ran first, and the sequence
    /// whose segment ran.
    private struct Node {
        var parent: Int32
        var weights: Int32
        var pass: OverlapPlan.Pass
    }

    /// The states in which the same segments have run, and the least remaining times that they have in common.
    private struct Cell {
        /// The number of segments of each sequence that have run.
        let forward, backward: Int
        /// The states of the cell; `count` is their number.
        let states: UnsafeMutablePointer<Int64>
        var count = 0
        /// The least remaining time of the host, and the least time to the end of each sequence.
        let work, forwardPath, backwardPath: Int64
        /// The least time from the start of the channel's next exchange to the end of each sequence, and to the end of
        /// everything; far below zero if no exchange is left.
        let forwardChannel, backwardChannel, channel: Int64
        /// The least time to the next exchange of each sequence.
        let forwardHead, backwardHead: Int64

        init(_ tables: OverlapTables.Pointers, _ forward: Int, _ backward: Int, _ states: UnsafeMutablePointer<Int64>) {
            self.forward = forward
            self.backward = backward
            self.states = states
            let (one, two) = (tables.forward[forward], tables.backward[backward])
            work = one.hostLeft + two.hostLeft
            forwardPath = one.path
            backwardPath = two.path
            let (hasOne, hasTwo) = (one.channelLeft > 0, two.channelLeft > 0)
            forwardChannel = hasOne ? one.channelPath : Self.never
            backwardChannel = hasTwo ? two.channelPath : Self.never
            forwardHead = hasOne ? one.channelHead : -Self.never
            backwardHead = hasTwo ? two.channelHead : -Self.never
            let tail = min(
                hasOne ? tables.forwardExtent.channelTail : -Self.never,
                hasTwo ? tables.backwardExtent.channelTail : -Self.never)
            channel = hasOne || hasTwo ? one.channelLeft + two.channelLeft + tail : Self.never
        }

        /// A time so far below all others that sums with it stay below them.
        private static let never = Int64.min / 4
    }

    private let tables: OverlapTables.Pointers
    /// The number of words per state.
    private let stride: Int
    private let width: Int
    private let effortLimit: Int
    private var current: UnsafeMutablePointer<Int64>
    private var next: UnsafeMutablePointer<Int64>
    private let makespan: Int64
    private var nodes: [Node] = []
    private var outcome = Outcome()

    private var forwardCount: Int { tables.forwardExtent.count }
    private var backwardCount: Int { tables.backwardExtent.count }
    private var forwardSlots: Int { tables.forwardExtent.slotCount }
    private var backwardSlots: Int { tables.backwardExtent.slotCount }

    /// Runs all levels and returns the best order below the given makespan.
    private mutating func run() -> (order: [OverlapPlan.Pass], makespan: Int64)? {
        for word in 0..<stride { current[word] = 0 }
        current[Word.node] = -1
        // The index of the first state of each cell, by the number of forward segments that have run. Cells that do not
        // exist are empty.
        var starts = [Int](repeating: 1, count: forwardCount + 2)
        starts[0] = 0
        var nextStarts = starts
        for level in 0..<forwardCount + backwardCount {
            var filled = 0
            for forward in 0...forwardCount {
                nextStarts[forward] = filled
                let backward = level + 1 - forward
                guard backward >= 0, backward <= backwardCount else { continue }
                var cell = Cell(tables, forward, backward, next + filled * stride)
                let before = forward > 0 ? starts[forward - 1]..<starts[forward] : 0..<0
                for state in before {
                    step(current + state * stride, tables.forward[forward - 1], Word.slots, 0, &cell)
                }
                let beside = backward > 0 ? starts[forward]..<starts[forward + 1] : 0..<0
                for state in beside {
                    step(current + state * stride, tables.backward[backward - 1], Word.slots + forwardSlots, 1, &cell)
                }
                filled += cell.count
            }
            nextStarts[forwardCount + 1] = filled
            guard filled > 0 else { return nil }
            guard outcome.effort < effortLimit else {
                outcome.isExact = false
                return nil
            }
            keep(filled)
            swap(&current, &next)
            swap(&starts, &nextStarts)
        }
        // In the last cell, the bound of a state is its makespan.
        let last = starts[forwardCount]..<starts[forwardCount + 1]
        let best = last.min { current[$0 * stride + Word.bound] < current[$1 * stride + Word.bound] }
        guard let best, current[best * stride + Word.bound] < makespan else { return nil }
        return (trace(Int(current[best * stride + Word.node])), current[best * stride + Word.bound])
    }

    /// Runs the segment after as many weight gradients as fit into its wait, and again after one more.
    @inline(__always) private mutating func step(
        _ state: UnsafeMutablePointer<Int64>, _ segment: OverlapTables.Segment, _ slots: Int, _ pass: Int64,
        _ cell: inout Cell
    ) {
        var time = state[Word.time]
        let ready = segment.reads < 0 ? time : state[slots + Int(segment.reads)]
        let ran = Int(state[Word.weights])
        let backwards = cell.backward - Int(pass)
        var weight = ran
        while true {
            let isWeightReady = time < ready && tables.products[weight].after <= backwards
            if !isWeightReady || time + tables.products[weight].cost > ready {
                let new = cell.states + cell.count * stride
                let end = max(time, ready) + segment.host
                var channel = max(state[Word.channel], end)
                for word in Word.slots..<stride { new[word] = max(state[word], end) }
                if segment.isExchange {
                    channel += segment.channel
                    if segment.writes >= 0 { new[slots + Int(segment.writes)] = channel }
                }
                new[Word.time] = end
                new[Word.channel] = channel
                new[Word.weights] = Int64(weight)
                new[Word.node] = state[Word.node] << 32 | Int64(weight - ran) << 1 | pass
                outcome.effort += 1
                if isPromising(new, cell) { insert(&cell) }
            }
            guard isWeightReady else { return }
            time += tables.products[weight].cost
            weight += 1
        }
    }

    /// Returns whether a state may end below the makespan, and sets the state's bound and key.
    @inline(__always) private func isPromising(_ state: UnsafeMutablePointer<Int64>, _ cell: Cell) -> Bool {
        let (time, channel) = (state[Word.time], state[Word.channel])
        let work = time + cell.work + tables.products[Int(state[Word.weights])].left
        var forward = max(time + cell.forwardPath, max(channel, time + cell.forwardHead) + cell.forwardChannel)
        for slot in 0..<forwardSlots {
            let left = tables.forwardPaths[cell.forward * forwardSlots + slot]
            forward = max(forward, state[Word.slots + slot] + left)
        }
        var backward = max(time + cell.backwardPath, max(channel, time + cell.backwardHead) + cell.backwardChannel)
        for slot in 0..<backwardSlots {
            let left = tables.backwardPaths[cell.backward * backwardSlots + slot]
            backward = max(backward, state[Word.slots + forwardSlots + slot] + left)
        }
        let all = max(channel, time + min(cell.forwardHead, cell.backwardHead)) + cell.channel
        let bound = max(work, forward, backward, all)
        state[Word.bound] = bound
        // Of two states with equal bounds, the one whose other limits lie further below the bound is more promising.
        state[Word.key] = 12 * bound + forward + backward + max(all, 0)
        return bound < makespan
    }

    /// Adds the state stored after the cell's last one, unless another state dominates it.
    @inline(__always) private mutating func insert(_ cell: inout Cell) {
        var new = cell.states + cell.count * stride
        var worst = -1
        var worstKey = new[Word.key]
        var index = 0
        while index < cell.count {
            let other = cell.states + index * stride
            // The state that has run fewer weight gradients could run the missing ones now.
            let ahead = tables.products[Int(other[Word.weights])].left - tables.products[Int(new[Word.weights])].left
            var otherDominates = other[Word.time] + max(ahead, 0) <= new[Word.time]
            var newDominates = new[Word.time] + max(-ahead, 0) <= other[Word.time]
            if otherDominates || newDominates {
                for word in Word.channel..<stride {
                    otherDominates = otherDominates && other[word] <= new[word]
                    newDominates = newDominates && new[word] <= other[word]
                }
            }
            if otherDominates { return }
            if newDominates {
                cell.count -= 1
                let last = cell.states + cell.count * stride
                for word in 0..<stride {
                    other[word] = last[word]
                    last[word] = new[word]
                }
                new = last
                continue
            }
            if other[Word.key] > worstKey { (worst, worstKey) = (index, other[Word.key]) }
            index += 1
        }
        if cell.count < width {
            cell.count += 1
        } else {
            outcome.isExact = false
            guard worst >= 0 else { return }
            for word in 0..<stride { cell.states[worst * stride + word] = new[word] }
        }
    }

    private mutating func keep(_ count: Int) {
        for state in 0..<count {
            let word = next + state * stride + Word.node
            let step = word.pointee
            nodes.append(
                Node(
                    parent: Int32(truncatingIfNeeded: step >> 32),
                    weights: Int32(truncatingIfNeeded: step & 0xFFFF_FFFF) >> 1,
                    pass: step & 1 == 0 ? .forward : .backward))
            word.pointee = Int64(nodes.count - 1)
        }
    }

    private func trace(_ last: Int) -> [OverlapPlan.Pass] {
        var reversed: [OverlapPlan.Pass] = []
        var ran = 0
        var node = last
        while node >= 0 {
            let step = nodes[node]
            reversed.append(step.pass)
            reversed += repeatElement(.weights, count: Int(step.weights))
            ran += Int(step.weights)
            node = Int(step.parent)
        }
        return reversed.reversed() + repeatElement(.weights, count: tables.products.count - 1 - ran)
    }
}
