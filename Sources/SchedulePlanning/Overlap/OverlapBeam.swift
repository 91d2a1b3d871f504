/// A search through the states of a plan, level by level; a level is how many segments of both sequences have run.
///
/// A step takes the next segment of the forward or of the backward. Weight gradients run only while that segment would
/// wait: one that runs while the segment is ready may as well be swapped with it. They fill the wait without exceeding
/// it, or with one more; fewer gain nothing. In a cell, where the same segments have run, one state stands for another
/// where it is nowhere later. Dropped are states that cannot come below the best makespan known and, where a cell is
/// full, the one that promises the least; where none is dropped for that, nothing better exists.
struct OverlapBeam {
    /// What a search came to.
    struct Outcome {
        /// The best order and what it takes; nil where none was found below the makespan given.
        var found: (order: [OverlapPlan.Pass], makespan: Int64)?
        /// Whether nothing was dropped for want of room or effort.
        var isExact = true
        /// How many states were looked at.
        var effort = 0
    }

    /// Searches.
    ///
    /// - Parameters:
    ///   - makespan: What is to be undercut.
    ///   - width: How many states a cell holds.
    ///   - effortLimit: How many states to look at before giving up.
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

    /// Where the words of a state lie; the slots of the forward and then of the backward follow.
    private enum Word {
        static let bound = 0
        static let key = 1
        static let node = 2
        static let weights = 3
        static let time = 4
        static let channel = 5
        static let slots = 6
    }

    /// A step of a kept state: the node before it, how many weight gradients ran first, and which sequence went on.
    private struct Node {
        var parent: Int32
        var weights: Int32
        var pass: OverlapPlan.Pass
    }

    /// What all states of a cell have in common: the least that is left.
    private struct Cell {
        /// How many segments have run.
        let forward, backward: Int
        /// Where its states lie, and how many there are.
        let states: UnsafeMutablePointer<Int64>
        var count = 0
        /// For the host; from now to the end of either sequence.
        let work, forwardPath, backwardPath: Int64
        /// From the channel's next exchange to the end of either sequence, and of everything; negative where none is
        /// left.
        let forwardChannel, backwardChannel, channel: Int64
        /// From now to the next exchange of either sequence.
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

        /// So far before all times that no sum of them comes near.
        private static let never = Int64.min / 4
    }

    private let tables: OverlapTables.Pointers
    /// How many words a state has.
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

    /// Runs all levels, and gives the best plan below the makespan given.
    private mutating func run() -> (order: [OverlapPlan.Pass], makespan: Int64)? {
        for word in 0..<stride { current[word] = 0 }
        current[Word.node] = -1
        // Where each cell's states begin, by how many segments of the forward have run; those that do not exist are
        // empty.
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
        // In the last cell a state's bound is its makespan.
        let last = starts[forwardCount]..<starts[forwardCount + 1]
        let best = last.min { current[$0 * stride + Word.bound] < current[$1 * stride + Word.bound] }
        guard let best, current[best * stride + Word.bound] < makespan else { return nil }
        return (trace(Int(current[best * stride + Word.node])), current[best * stride + Word.bound])
    }

    /// Runs a segment behind as many weight gradients as fit into its wait, and behind one more.
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
                if promises(new, cell) { insert(&cell) }
            }
            guard isWeightReady else { return }
            time += tables.products[weight].cost
            weight += 1
        }
    }

    /// Whether a state may come below the makespan; sets its bound.
    @inline(__always) private func promises(_ state: UnsafeMutablePointer<Int64>, _ cell: Cell) -> Bool {
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
        // Of equal bounds, the one whose other limits lie further below it has more room for what comes.
        state[Word.key] = 12 * bound + forward + backward + max(all, 0)
        return bound < makespan
    }

    /// Adds the state that lies behind the cell's last one, unless another stands for it.
    @inline(__always) private mutating func insert(_ cell: inout Cell) {
        var new = cell.states + cell.count * stride
        var worst = -1
        var worstKey = new[Word.key]
        var index = 0
        while index < cell.count {
            let other = cell.states + index * stride
            // The one that has run fewer weight gradients may run the others now.
            let ahead = tables.products[Int(other[Word.weights])].left - tables.products[Int(new[Word.weights])].left
            var otherStands = other[Word.time] + max(ahead, 0) <= new[Word.time]
            var newStands = new[Word.time] + max(-ahead, 0) <= other[Word.time]
            if otherStands || newStands {
                for word in Word.channel..<stride {
                    otherStands = otherStands && other[word] <= new[word]
                    newStands = newStands && new[word] <= other[word]
                }
            }
            if otherStands { return }
            if newStands {
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
