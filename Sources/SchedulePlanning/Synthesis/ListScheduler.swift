import PipelineSchedules

/// Makes a schedule by running it: whenever a rank is free, it takes the best of what has arrived or waits for what is
/// about to.
///
/// The order follows one clock, so that it cannot deadlock; where the activation limit stops every rank there is no
/// schedule. O(actions · (ranks + stages a rank)).
struct ListScheduler {
    private let layout: StageLayout
    private let rankCount: Int
    private let records: [StageRecord]
    private let pairCost: PairCost
    private let limit: Int
    private let stagesOfRank: [[Int]]
    /// How many of the chain's stages come before each stage on its rank, and after it.
    private let chunks: [Int]
    private let chunksAfter: [Int]

    private var forwards: [Int]
    private var backwards: [Int]
    private var forwardEnds: [Int64]
    private var backwardEnds: [Int64]
    private var free: [Int64]
    private var wakeUps: [Int64]
    private var live: [Int]
    private var forwardsLeft: [Int]
    private var backwardsRun: [Int]
    private var deferred: [[Action]]
    private var deferredHeads: [Int]
    private var rows: [[Step]]

    init(_ chains: [Chain], rankCount: Int, costs: PipelineCosts, activationLimit: Int) {
        let layout = StageLayout(chains)
        self.layout = layout
        self.rankCount = rankCount
        records = StageRecord.all(layout, costs)
        pairCost = PairCost(costs)
        limit = activationLimit
        var stagesOfRank = [[Int]](repeating: [], count: rankCount)
        for stage in 0..<layout.stageCount { stagesOfRank[layout.ranks[stage]].append(stage) }
        self.stagesOfRank = stagesOfRank
        func sameChain(_ stage: Int, _ isCounted: (Int) -> Bool) -> Int {
            stagesOfRank[layout.ranks[stage]].count { layout.chains[$0] == layout.chains[stage] && isCounted($0) }
        }
        chunks = (0..<layout.stageCount).map { stage in sameChain(stage) { $0 < stage } }
        chunksAfter = (0..<layout.stageCount).map { stage in sameChain(stage) { $0 > stage } }
        forwards = []
        backwards = []
        forwardEnds = []
        backwardEnds = []
        free = []
        wakeUps = []
        live = []
        forwardsLeft = []
        backwardsRun = []
        deferred = []
        deferredHeads = []
        rows = []
    }

    /// The rows that the settings lead to, and when the last action ends; nil where the limit stops every rank.
    mutating func run(_ settings: ListSchedulerSettings) -> (rows: [[Step]], makespan: Int64)? {
        reset()
        var random = SplitMix64(state: settings.seed)
        var left = 2 * layout.cellCount
        while left > 0 {
            var rank = 0
            for other in 1..<max(rankCount, 1) where wakeUps[other] < wakeUps[rank] { rank = other }
            let time = wakeUps[rank]
            guard time < .max else { return nil }
            wakeUps[rank] = .max
            left -= decide(rank, max(time, free[rank]), settings, &random)
        }
        for rank in 0..<rankCount {
            while deferredHeads[rank] < deferred[rank].count { runWeight(rank, free[rank]) }
        }
        return (rows, free.max() ?? 0)
    }

    private mutating func reset() {
        forwards = Array(repeating: 0, count: layout.stageCount)
        backwards = forwards
        forwardEnds = Array(repeating: -1, count: layout.cellCount)
        backwardEnds = forwardEnds
        free = Array(repeating: 0, count: rankCount)
        wakeUps = free
        live = Array(repeating: 0, count: rankCount)
        forwardsLeft = stagesOfRank.map { $0.reduce(0) { $0 + layout.microbatchCounts[$1] } }
        backwardsRun = Array(repeating: 0, count: rankCount)
        deferred = Array(repeating: [], count: rankCount)
        deferredHeads = Array(repeating: 0, count: rankCount)
        rows = Array(repeating: [], count: rankCount)
    }

    /// The best of a rank's stages in one direction whose input has arrived, and when the next one's does.
    private struct Candidate {
        var stage = -1
        var nextArrival = Int64.max
        private var bestKey = Int.max

        @inline(__always)
        mutating func offer(_ stage: Int, arrival: Int64, at time: Int64, key: Int) {
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
            let record = records[stage]
            let noise = settings.noise == 0 ? 0 : random.next(below: settings.noise + 1)
            let (forward, backward) = (forwards[stage], backwards[stage])
            if forward < layout.microbatchCounts[stage], live[rank] + chunksAfter[stage] < limit {
                let arrival = arrival(forward, record.previousCells, forwardEnds, record.forwardTransfer)
                let key = key(stage, forward, position: chunks[stage], depth: -settings.forwardDepth, settings.group)
                found.forward.offer(stage, arrival: arrival, at: time, key: noise + key)
            }
            if backward < forward {
                let arrival = arrival(backward, record.nextCells, backwardEnds, record.backwardTransfer)
                let key = key(
                    stage, backward, position: chunksAfter[stage], depth: settings.backwardDepth, settings.group)
                found.backward.offer(stage, arrival: arrival, at: time, key: noise + key)
            }
        }
        return found
    }

    /// When a micro-batch's input is there, given when the cells of the stage that it comes from ended.
    @inline(__always)
    private func arrival(_ microbatch: Int, _ cells: Int, _ ends: [Int64], _ transfer: Int64) -> Int64 {
        guard cells >= 0 else { return 0 }
        let end = ends[cells + microbatch]
        return end < 0 ? .max : end + transfer
    }

    /// How late a chunk's micro-batch is: by itself and `depth` a chunk, or by its turn where groups go through one chunk
    /// after the other.
    @inline(__always)
    private func key(_ stage: Int, _ microbatch: Int, position: Int, depth: Int, _ group: Int) -> Int {
        if group == 0 { return microbatch + chunks[stage] * depth }
        let chunkCount = chunks[stage] + chunksAfter[stage] + 1
        return (microbatch / group * chunkCount + position) * group + microbatch % group
    }

    /// Runs a step, or sets when to look again; returns how many forwards and backwards ran.
    private mutating func decide(
        _ rank: Int, _ time: Int64, _ settings: ListSchedulerSettings, _ random: inout SplitMix64
    ) -> Int {
        let (forward, backward) = candidates(rank, time, settings, &random)
        let pairs = settings.overlaps && backwardsRun[rank] >= settings.loneBackwards[rank]
        if forward.stage >= 0, backward.stage >= 0, pairs, areIndependent(forward.stage, backward.stage) {
            runPair(rank, time, forward.stage, backward.stage)
            return 2
        }
        if backward.stage >= 0 {
            let patience = settings.backwardPatience[rank]
            let isComing = patience == .max || forward.nextArrival <= time + patience
            if pairs, forwardsLeft[rank] > 0, forward.stage < 0, isComing {
                wakeUps[rank] = min(wakeUps[rank], forward.nextArrival)
                return 0
            }
            runInputGradient(rank, time, backward.stage)
            return 1
        }
        if forward.stage >= 0, live[rank] < settings.warmUps[rank] {
            if settings.overlaps, backward.nextArrival <= time + settings.forwardPatience[rank] {
                wakeUps[rank] = min(wakeUps[rank], backward.nextArrival)
                return 0
            }
            runForward(rank, time, forward.stage)
            return 1
        }
        let next = forward.stage >= 0 ? backward.nextArrival : min(forward.nextArrival, backward.nextArrival)
        if deferredHeads[rank] < deferred[rank].count {
            let length = records[deferred[rank][deferredHeads[rank]].stage].costs.weightGradient
            if !settings.yieldsWeights || next >= time + length || live[rank] >= limit {
                runWeight(rank, time)
                return 0
            }
        }
        wakeUps[rank] = min(wakeUps[rank], next)
        return 0
    }

    private func areIndependent(_ forward: Int, _ backward: Int) -> Bool {
        forwards[forward] != backwards[backward] || layout.chains[forward] != layout.chains[backward]
    }

    private mutating func runPair(_ rank: Int, _ time: Int64, _ forwardStage: Int, _ backwardStage: Int) {
        let forward = Action(.forward, stage: forwardStage, microbatch: forwards[forwardStage])
        let backward = Action(.backward, stage: backwardStage, microbatch: backwards[backwardStage])
        let length = pairCost.length(records[forwardStage].costs, records[backwardStage].costs, isFull: true)
        append(Step(overlapping: forward, with: backward), rank, time + length)
        finishForward(rank, forwardStage)
        finishBackward(rank, backwardStage)
        live[rank] -= 1
    }

    private mutating func runForward(_ rank: Int, _ time: Int64, _ stage: Int) {
        let action = Action(.forward, stage: stage, microbatch: forwards[stage])
        append(Step(action), rank, time + records[stage].costs.forward)
        finishForward(rank, stage)
    }

    private mutating func runInputGradient(_ rank: Int, _ time: Int64, _ stage: Int) {
        let action = Action(.inputGradient, stage: stage, microbatch: backwards[stage])
        append(Step(action), rank, time + records[stage].costs.inputGradient)
        deferred[rank].append(action.with(.weightGradient))
        finishBackward(rank, stage)
        // What takes no time need not keep its activation.
        if records[stage].costs.weightGradient == 0, deferredHeads[rank] == deferred[rank].count - 1 {
            runWeight(rank, free[rank])
        }
    }

    private mutating func runWeight(_ rank: Int, _ time: Int64) {
        let action = deferred[rank][deferredHeads[rank]]
        deferredHeads[rank] += 1
        append(Step(action), rank, time + records[action.stage].costs.weightGradient)
        live[rank] -= 1
    }

    private mutating func append(_ step: Step, _ rank: Int, _ end: Int64) {
        rows[rank].append(step)
        free[rank] = end
        wakeUps[rank] = end
    }

    private mutating func finishForward(_ rank: Int, _ stage: Int) {
        let record = records[stage]
        forwardEnds[record.cells + forwards[stage]] = free[rank]
        forwards[stage] += 1
        forwardsLeft[rank] -= 1
        live[rank] += 1
        if record.nextRank >= 0 { wake(record.nextRank, free[rank] + records[stage + 1].forwardTransfer) }
    }

    private mutating func finishBackward(_ rank: Int, _ stage: Int) {
        let record = records[stage]
        backwardEnds[record.cells + backwards[stage]] = free[rank]
        backwards[stage] += 1
        backwardsRun[layout.ranks[stage]] += 1
        if record.previousRank >= 0 { wake(record.previousRank, free[rank] + records[stage - 1].backwardTransfer) }
    }

    private mutating func wake(_ rank: Int, _ time: Int64) {
        wakeUps[rank] = min(wakeUps[rank], max(time, free[rank]))
    }
}
