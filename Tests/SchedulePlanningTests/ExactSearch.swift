import PipelineSchedules
import SchedulePlanning

/// The shortest makespan of all schedules of a very small pipeline, found by trying all schedules.
///
/// Steps are added in the order of their starts, each as early as it can run after the last step of its rank. This
/// yields every schedule that wastes no time exactly once. The micro-batches of every stage run in order: they are
/// alike, so that those of any schedule can be renamed until they do. A branch ends if its remaining work takes too
/// long.
struct ExactSearch {
    private let layout: StageLayout
    private let costs: PipelineCosts
    private let limit: Int
    private let rankCount: Int
    private let stagesOfRank: [[Int]]
    /// The shortest lengths of a stage's passes, alone or in a pair.
    private let shortest: [(forward: Int64, backward: Int64)]
    /// The largest saving of a pair on each rank.
    private let largestSaving: [Double]
    private(set) var best: Int64
    private(set) var nodes = 0
    private let maximumNodes: Int

    private struct State {
        var forwards: [Int]
        var backwards: [Int]
        var weights: [Int]
        var forwardEnds: [[Int64]]
        var backwardEnds: [[Int64]]
        var free: [Int64]
        var live: [Int]
        var lastStart: Int64 = 0
        var lastRank = 0
    }

    /// Searches for a makespan below `upperBound`, which stays the result if there is none.
    init(_ chains: [Chain], rankCount: Int, costs: PipelineCosts, limit: Int, upperBound: Int64, maximumNodes: Int) {
        let layout = StageLayout(chains)
        self.layout = layout
        self.costs = costs
        self.limit = limit
        self.rankCount = rankCount
        self.maximumNodes = maximumNodes
        best = upperBound
        let stagesOfRank = (0..<rankCount).map { rank in (0..<layout.stageCount).filter { layout.ranks[$0] == rank } }
        self.stagesOfRank = stagesOfRank
        shortest = (0..<layout.stageCount).map { stage in
            var (forward, backward) = (costs.stage(stage).forward, costs.stage(stage).inputGradient)
            for other in stagesOfRank[layout.ranks[stage]] {
                forward = min(forward, Self.pair(costs, stage, other, isFull: false))
                backward = min(backward, Self.pair(costs, other, stage, isFull: false))
            }
            return (forward, backward)
        }
        largestSaving = (0..<rankCount).map { rank in
            var saving = 0.0
            for one in stagesOfRank[rank] {
                for two in stagesOfRank[rank] {
                    let sum = costs.stage(one).forward + costs.stage(two).backward
                    saving = max(saving, Double(sum - Self.pair(costs, one, two, isFull: true)))
                }
            }
            return saving
        }
        var state = State(
            forwards: Array(repeating: 0, count: layout.stageCount),
            backwards: Array(repeating: 0, count: layout.stageCount),
            weights: Array(repeating: 0, count: layout.stageCount),
            forwardEnds: Array(repeating: [], count: layout.stageCount),
            backwardEnds: Array(repeating: [], count: layout.stageCount),
            free: Array(repeating: 0, count: rankCount), live: Array(repeating: 0, count: rankCount))
        descend(&state)
    }

    /// Whether every schedule was tried.
    var isComplete: Bool { nodes < maximumNodes }

    static func pair(_ costs: PipelineCosts, _ forward: Int, _ backward: Int, isFull: Bool) -> Int64 {
        let stage = costs.stage(backward)
        let sum = costs.stage(forward).forward + stage.inputGradient + (isFull ? stage.weightGradient : 0)
        return sum - Int64((Double(sum) * costs.overlapSaving).rounded())
    }

    private mutating func descend(_ state: inout State) {
        nodes += 1
        guard nodes < maximumNodes, leastEnd(state) < best else { return }
        if (0..<layout.stageCount).allSatisfy({ state.weights[$0] == layout.microbatchCounts[$0] }) {
            best = min(best, state.free.max() ?? 0)
            return
        }
        for rank in 0..<rankCount {
            let forwards = stagesOfRank[rank].compactMap { stage in
                arrival(ofForward: stage, state).map { (stage, $0) }
            }
            let backwards = stagesOfRank[rank].compactMap { stage in
                arrival(ofBackward: stage, state).map { (stage, $0) }
            }
            for (stage, arrival) in backwards {
                run(rank, nil, (stage, false), arrival, costs.stage(stage).inputGradient, state)
            }
            for stage in stagesOfRank[rank] where state.weights[stage] < state.backwards[stage] {
                runWeight(rank, stage, state)
            }
            guard state.live[rank] < limit else { continue }
            for (forward, forwardArrival) in forwards {
                for (backward, backwardArrival) in backwards where costs.overlapSaving > 0 {
                    for isFull in [true, false] {
                        let length = Self.pair(costs, forward, backward, isFull: isFull)
                        run(rank, forward, (backward, isFull), max(forwardArrival, backwardArrival), length, state)
                    }
                }
                run(rank, forward, nil, forwardArrival, costs.stage(forward).forward, state)
            }
        }
    }

    private func arrival(ofForward stage: Int, _ state: State) -> Int64? {
        let microbatch = state.forwards[stage]
        guard microbatch < layout.microbatchCounts[stage] else { return nil }
        let source = layout.previous[stage]
        guard source >= 0 else { return 0 }
        guard microbatch < state.forwardEnds[source].count else { return nil }
        return state.forwardEnds[source][microbatch]
            + costs.transfer(from: layout.ranks[source], to: layout.ranks[stage])
    }

    private func arrival(ofBackward stage: Int, _ state: State) -> Int64? {
        let microbatch = state.backwards[stage]
        guard microbatch < state.forwards[stage] else { return nil }
        let source = layout.next[stage]
        guard source >= 0 else { return state.forwardEnds[stage][microbatch] }
        guard microbatch < state.backwardEnds[source].count else { return nil }
        return state.backwardEnds[source][microbatch]
            + costs.transfer(from: layout.ranks[source], to: layout.ranks[stage])
    }

    private mutating func run(
        _ rank: Int, _ forward: Int?, _ backward: (stage: Int, isFull: Bool)?, _ arrival: Int64, _ length: Int64,
        _ state: State
    ) {
        var state = state
        let start = max(arrival, state.free[rank])
        guard start > state.lastStart || start == state.lastStart && rank >= state.lastRank else { return }
        let end = start + length
        if let forward {
            state.forwards[forward] += 1
            state.forwardEnds[forward].append(end)
            state.live[rank] += 1
        }
        if let backward {
            state.backwards[backward.stage] += 1
            state.backwardEnds[backward.stage].append(end)
            if backward.isFull {
                state.weights[backward.stage] += 1
                state.live[rank] -= 1
            }
        }
        finish(rank, start, end, &state)
    }

    private mutating func runWeight(_ rank: Int, _ stage: Int, _ state: State) {
        var state = state
        let start = state.free[rank]
        guard start > state.lastStart || start == state.lastStart && rank >= state.lastRank else { return }
        state.weights[stage] += 1
        state.live[rank] -= 1
        finish(rank, start, start + costs.stage(stage).weightGradient, &state)
    }

    private mutating func finish(_ rank: Int, _ start: Int64, _ end: Int64, _ state: inout State) {
        state.free[rank] = end
        state.lastStart = start
        state.lastRank = rank
        descend(&state)
    }

    /// Returns a lower bound on the end: each rank's work with as many pairs as possible, and the path of each stage's
    /// next micro-batch.
    private func leastEnd(_ state: State) -> Int64 {
        var least: Int64 = 0
        for rank in 0..<rankCount {
            var work: Int64 = 0
            var (forwards, backwards) = (0, 0)
            for stage in stagesOfRank[rank] {
                let stageCosts = costs.stage(stage)
                let count = layout.microbatchCounts[stage]
                work += Int64(count - state.forwards[stage]) * stageCosts.forward
                work += Int64(count - state.backwards[stage]) * stageCosts.inputGradient
                work += Int64(count - state.weights[stage]) * stageCosts.weightGradient
                forwards += count - state.forwards[stage]
                backwards += count - state.backwards[stage]
            }
            work -= Int64((Double(min(forwards, backwards)) * largestSaving[rank]).rounded(.up))
            let start = work > 0 ? max(state.free[rank], state.lastStart) : state.free[rank]
            least = max(least, start + work)
        }
        // The last micro-batch of each chain still has to reach the end and come back.
        var successors: Int64 = 0
        var predecessors: Int64 = 0
        for stage in (0..<layout.stageCount).reversed() {
            if layout.next[stage] < 0 { successors = 0 }
            let next = layout.next[stage]
            if next >= 0 {
                successors += shortest[next].forward + costs.transfer(from: layout.ranks[stage], to: layout.ranks[next])
            }
            let left = Int64(layout.microbatchCounts[stage] - state.forwards[stage])
            guard left > 0 else { continue }
            predecessors = backwardPath(from: stage)
            least = max(least, state.lastStart + left * shortest[stage].forward + successors + predecessors)
        }
        return least
    }

    /// Returns the time from the end of a chain's last forward to the end of its first stage's input gradient.
    private func backwardPath(from stage: Int) -> Int64 {
        var stage = stage
        while layout.next[stage] >= 0 { stage = layout.next[stage] }
        var length: Int64 = 0
        while stage >= 0 {
            length += shortest[stage].backward
            let previous = layout.previous[stage]
            if previous >= 0 {
                length += costs.transfer(from: layout.ranks[stage], to: layout.ranks[previous])
            }
            stage = previous
        }
        return length
    }
}
