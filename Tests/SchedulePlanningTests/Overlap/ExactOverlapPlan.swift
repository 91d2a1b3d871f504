import SchedulePlanning

/// The shortest makespan of all plans, by a search that shares nothing with the planner. Each step runs one of the
/// segments that may come next.
///
/// Of two states after the same numbers of segments, one that is no later in any respect replaces the other. A state
/// that cannot end below the best known makespan is dropped.
struct ExactOverlapPlan {
    /// The least makespan, or the given limit if no plan is below it.
    private(set) var makespan: Int64
    /// Whether every plan was examined.
    private(set) var isComplete = true
    /// The number of examined states.
    private(set) var stateCount = 0

    /// A sequence with the first reader of each exchange, and the least remaining times from each segment on.
    private struct Side {
        let segments: [PassSegment]
        /// The first segment that reads the exchange; the count for the result, -1 for none.
        var readers: [Int]
        /// The exchanges that are awaited from each segment on.
        var awaited: [[Int]]
        var work: [Int64]
        var path: [Int64]

        init(_ sequence: SegmentSequence) {
            segments = sequence.segments
            let count = segments.count
            readers = Array(repeating: -1, count: count)
            for read in sequence.resultReads { readers[read] = count }
            for index in segments.indices.reversed() {
                for read in segments[index].reads { readers[read] = index }
            }
            work = Array(repeating: 0, count: count + 1)
            path = work
            awaited = []
            for position in 0...count {
                awaited.append((0..<position).filter { readers[$0] >= position })
            }
            for index in segments.indices.reversed() {
                let segment = segments[index]
                let host = segment.resource == .compute ? segment.cost : segment.startCost
                work[index] = host + work[index + 1]
                path[index] = host + path[index + 1]
                guard segment.resource == .channel, readers[index] >= 0 else { continue }
                path[index] = max(path[index], host + segment.cost + path[readers[index]])
            }
        }
    }

    /// A state, apart from the numbers of segments that have run.
    private struct State {
        var time: Int64 = 0
        var channel: Int64 = 0
        /// The ends of the exchanges of either side that are still awaited, in order.
        var ends: [[Int64]] = [[], []]

        func dominates(_ other: State) -> Bool {
            time <= other.time && channel <= other.channel
                && zip(ends[0], other.ends[0]).allSatisfy { $0 <= $1 }
                && zip(ends[1], other.ends[1]).allSatisfy { $0 <= $1 }
        }
    }

    /// The numbers of segments that have run.
    private struct Counts: Hashable {
        var side = [0, 0]
        var weights = 0
    }

    private let sides: [Side]
    private let weights: [WeightSegment]
    private let weightsLeft: [Int64]
    private var next: [Counts: [State]] = [:]

    /// Searches for a makespan below `limit`, with no more than `maximumStates` states.
    init(_ problem: OverlapProblem, below limit: Int64, maximumStates: Int) {
        makespan = limit
        sides = [Side(problem.forward), Side(problem.backward)]
        weights = problem.weights
        weightsLeft = (0...problem.weights.count).map { index in
            problem.weights[index...].reduce(0) { $0 + $1.cost }
        }
        add(State(), Counts())
        let count = sides[0].segments.count + sides[1].segments.count + weights.count
        for _ in 0..<count {
            let level = next
            next = [:]
            for (order, states) in level {
                for state in states {
                    stateCount += 1
                    guard stateCount <= maximumStates else {
                        isComplete = false
                        return
                    }
                    for side in 0...1 where order.side[side] < sides[side].segments.count { run(side, state, order) }
                    guard order.weights < weights.count, weights[order.weights].after ?? -1 < order.side[1] else {
                        continue
                    }
                    var (state, order) = (state, order)
                    state.time += weights[order.weights].cost
                    order.weights += 1
                    add(state, order)
                }
            }
        }
    }

    private mutating func run(_ index: Int, _ before: State, _ countsBefore: Counts) {
        var (state, order) = (before, countsBefore)
        let side = sides[index]
        let position = order.side[index]
        let segment = side.segments[position]
        var ends = Dictionary(uniqueKeysWithValues: zip(side.awaited[position], state.ends[index]))
        for read in segment.reads { state.time = max(state.time, ends[read] ?? 0) }
        if segment.resource == .compute {
            state.time += segment.cost
        } else {
            state.time += segment.startCost
            state.channel = max(state.channel, state.time) + segment.cost
            ends[position] = state.channel
        }
        order.side[index] += 1
        state.ends[index] = side.awaited[position + 1].map { ends[$0] ?? 0 }
        add(state, order)
    }

    private mutating func add(_ found: State, _ order: Counts) {
        var state = found
        // A time in the past makes no difference, so that equal states are recognized.
        state.channel = max(state.channel, state.time)
        var least =
            state.time + sides[0].work[order.side[0]] + sides[1].work[order.side[1]] + weightsLeft[order.weights]
        for (index, side) in sides.enumerated() {
            let position = order.side[index]
            least = max(least, state.time + side.path[position])
            for (place, exchange) in side.awaited[position].enumerated() {
                state.ends[index][place] = max(state.ends[index][place], state.time)
                least = max(least, state.ends[index][place] + side.path[side.readers[exchange]])
            }
        }
        guard least < makespan else { return }
        let isLast =
            order.side[0] == sides[0].segments.count && order.side[1] == sides[1].segments.count
            && order.weights == weights.count
        if isLast {
            makespan = least
            return
        }
        var states = next.removeValue(forKey: order) ?? []
        if !states.contains(where: { $0.dominates(state) }) {
            states.removeAll { state.dominates($0) }
            states.append(state)
        }
        next[order] = states
    }
}
