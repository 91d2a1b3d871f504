import DequeModule
import PipelineSchedules

/// A list scheduler, which builds a schedule by simulating it. A free rank runs the best action whose input has
/// arrived, or waits for an input that is about to arrive.
///
/// The order follows one clock and therefore cannot deadlock. If the activation limit stops every rank, there is no
/// schedule. O(actions · (ranks + stages per rank)).
struct ListScheduler {
    /// The steps that a rank has run, and the activations and weight gradients that it holds.
    private struct RankState {
        var steps: [Step] = []
        var live = 0
        var forwardsLeft: Int
        var backwardsRun = 0
        /// Deferred weight gradients, first in, first out.
        var deferred: Deque<Action> = []
    }

    private let layout: StageLayout
    private let lengths: StepLengths
    private let limit: Int
    private let stagesOfRank: [[Int]]
    /// For each stage, the number of stages of its chain that precede it on its rank.
    private let chunks: [Int]
    /// For each stage, the number of stages of its chain that follow it on its rank.
    private let chunksAfter: [Int]

    private var walk: ClockWalk
    private var ranks: [RankState] = []
    /// The number of forwards and of backwards of each stage that have run.
    private var forwards: [Int] = []
    private var backwards: [Int] = []

    init(_ chains: [Chain], rankCount: Int, costs: PipelineCosts, activationLimit: Int) {
        let layout = StageLayout(chains)
        let stagesOfRank = layout.stagesOfRank(rankCount: rankCount)
        self.layout = layout
        self.stagesOfRank = stagesOfRank
        lengths = StepLengths(costs, stageCount: layout.stageCount)
        limit = activationLimit
        func sameChain(_ stage: Int, _ isCounted: (Int) -> Bool) -> Int {
            stagesOfRank[layout.ranks[stage]].count { layout.chains[$0] == layout.chains[stage] && isCounted($0) }
        }
        chunks = (0..<layout.stageCount).map { stage in sameChain(stage) { $0 < stage } }
        chunksAfter = (0..<layout.stageCount).map { stage in sameChain(stage) { $0 > stage } }
        walk = ClockWalk(layout, rankCount: rankCount, delay: costs.transfer)
    }

    /// Returns the rows that the settings lead to, and the end of the last action; nil if the limit stops every rank.
    mutating func run(_ settings: ListSchedulerSettings) -> (rows: [[Step]], makespan: Int64)? {
        reset()
        var random = SplitMix64(state: settings.seed)
        var left = 2 * layout.cellCount
        while left > 0 {
            guard let (rank, time) = walk.next() else { return nil }
            left -= decide(rank, time, settings, &random)
        }
        for rank in ranks.indices {
            while !ranks[rank].deferred.isEmpty { runWeight(rank, walk.free[rank]) }
        }
        return (ranks.map(\.steps), walk.free.max() ?? 0)
    }

    private mutating func reset() {
        walk.reset()
        forwards = Array(repeating: 0, count: layout.stageCount)
        backwards = forwards
        ranks = stagesOfRank.map { stages in
            RankState(forwardsLeft: stages.reduce(0) { $0 + layout.microbatchCounts[$1] })
        }
    }

    /// The best stage of a rank in one direction among those whose input has arrived, and the next arrival of an input.
    private struct Candidate {
        var stage = -1
        var nextArrival = Int64.max
        private var bestKey = Int.max

        @inline(__always) mutating func consider(_ stage: Int, arrival: Int64, at time: Int64, key: Int) {
            if arrival > time {
                nextArrival = min(nextArrival, arrival)
            } else if key < bestKey {
                bestKey = key
                self.stage = stage
            }
        }
    }

    private func candidates(
        _ rank: Int, _ time: Int64, _ settings: ListSchedulerSettings, _ random: inout SplitMix64
    ) -> (forward: Candidate, backward: Candidate) {
        var found = (forward: Candidate(), backward: Candidate())
        for stage in stagesOfRank[rank] {
            let noise = settings.noise == 0 ? 0 : random.next(below: settings.noise + 1)
            let (forward, backward) = (forwards[stage], backwards[stage])
            if forward < layout.microbatchCounts[stage], ranks[rank].live + chunksAfter[stage] < limit {
                let arrival = walk.arrival(.forward, stage: stage, microbatch: forward)
                let key = key(stage, forward, position: chunks[stage], depth: -settings.forwardDepth, settings.group)
                found.forward.consider(stage, arrival: arrival, at: time, key: noise + key)
            }
            if backward < forward {
                let arrival = walk.arrival(.backward, stage: stage, microbatch: backward)
                let key = key(
                    stage, backward, position: chunksAfter[stage], depth: settings.backwardDepth, settings.group)
                found.backward.consider(stage, arrival: arrival, at: time, key: noise + key)
            }
        }
        return found
    }

    /// Returns the sort key of a chunk's micro-batch; the lowest key runs first. Without groups, the key is the
    /// micro-batch plus `depth` for each earlier chunk. With groups, the key is the position in the order in which
    /// groups go through one chunk after another.
    @inline(__always)
    private func key(_ stage: Int, _ microbatch: Int, position: Int, depth: Int, _ group: Int) -> Int {
        if group == 0 { return microbatch + chunks[stage] * depth }
        let chunkCount = chunks[stage] + chunksAfter[stage] + 1
        return (microbatch / group * chunkCount + position) * group + microbatch % group
    }

    /// Runs one step, or sets the time of the next decision. Returns the number of forwards and backwards that ran.
    private mutating func decide(
        _ rank: Int, _ time: Int64, _ settings: ListSchedulerSettings, _ random: inout SplitMix64
    ) -> Int {
        let (forward, backward) = candidates(rank, time, settings, &random)
        let pairs = settings.overlaps && ranks[rank].backwardsRun >= settings.unpairedBackwards[rank]
        if forward.stage >= 0, backward.stage >= 0, pairs, areIndependent(forward.stage, backward.stage) {
            runPair(rank, time, forward.stage, backward.stage)
            return 2
        }
        if backward.stage >= 0 {
            let patience = settings.backwardPatience[rank]
            let isComing = patience == .max || forward.nextArrival <= time + patience
            if pairs, ranks[rank].forwardsLeft > 0, forward.stage < 0, isComing {
                walk.wait(rank, until: forward.nextArrival)
                return 0
            }
            runInputGradient(rank, time, backward.stage)
            return 1
        }
        if forward.stage >= 0, ranks[rank].live < settings.warmUps[rank] {
            if settings.overlaps, backward.nextArrival <= time + settings.forwardPatience[rank] {
                walk.wait(rank, until: backward.nextArrival)
                return 0
            }
            runForward(rank, time, forward.stage)
            return 1
        }
        let next = forward.stage >= 0 ? backward.nextArrival : min(forward.nextArrival, backward.nextArrival)
        if let weight = ranks[rank].deferred.first {
            let length = lengths.stages[weight.stage].weightGradient
            if !settings.yieldsWeights || next >= time + length || ranks[rank].live >= limit {
                runWeight(rank, time)
                return 0
            }
        }
        walk.wait(rank, until: next)
        return 0
    }

    private func areIndependent(_ forward: Int, _ backward: Int) -> Bool {
        forwards[forward] != backwards[backward] || layout.chains[forward] != layout.chains[backward]
    }

    private mutating func runPair(_ rank: Int, _ time: Int64, _ forwardStage: Int, _ backwardStage: Int) {
        let forward = Action(.forward, stage: forwardStage, microbatch: forwards[forwardStage])
        let backward = Action(.backward, stage: backwardStage, microbatch: backwards[backwardStage])
        let end = append(Step(overlapping: forward, with: backward), rank, time)
        finishForward(forward, rank, end)
        finishBackward(backward, rank, end)
        ranks[rank].live -= 1
    }

    private mutating func runForward(_ rank: Int, _ time: Int64, _ stage: Int) {
        let action = Action(.forward, stage: stage, microbatch: forwards[stage])
        finishForward(action, rank, append(Step(action), rank, time))
    }

    private mutating func runInputGradient(_ rank: Int, _ time: Int64, _ stage: Int) {
        let action = Action(.inputGradient, stage: stage, microbatch: backwards[stage])
        let end = append(Step(action), rank, time)
        ranks[rank].deferred.append(action.with(.weightGradient))
        finishBackward(action, rank, end)
        // A weight gradient that takes no time runs at once, so that its activation is not kept.
        if lengths.stages[stage].weightGradient == 0, ranks[rank].deferred.count == 1 { runWeight(rank, end) }
    }

    private mutating func runWeight(_ rank: Int, _ time: Int64) {
        guard let action = ranks[rank].deferred.popFirst() else { return }
        append(Step(action), rank, time)
        ranks[rank].live -= 1
    }

    /// Runs one step and returns its end.
    @discardableResult private mutating func append(_ step: Step, _ rank: Int, _ time: Int64) -> Int64 {
        let end = time + lengths.length(of: step)
        ranks[rank].steps.append(step)
        walk.occupy(rank, until: end)
        return end
    }

    private mutating func finishForward(_ action: Action, _ rank: Int, _ end: Int64) {
        forwards[action.stage] += 1
        ranks[rank].forwardsLeft -= 1
        ranks[rank].live += 1
        walk.finish(action, at: end)
    }

    private mutating func finishBackward(_ action: Action, _ rank: Int, _ end: Int64) {
        backwards[action.stage] += 1
        ranks[rank].backwardsRun += 1
        walk.finish(action, at: end)
    }
}
