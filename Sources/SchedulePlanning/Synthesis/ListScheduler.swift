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
        deferred = Array(repeating: [], count: rankCount)
        deferredHeads = Array(repeating: 0, count: rankCount)
        rows = Array(repeating: [], count: rankCount)
    }

    /// The best forward and backward of a rank: which have arrived, and when the next one does.
    private struct Candidates {
        var forward = -1
        var backward = -1
        var nextForward = Int64.max
        var nextBackward = Int64.max
    }

    private func candidates(
        _ rank: Int, _ time: Int64, _ settings: ListSchedulerSettings, _ random: inout SplitMix64
    ) -> Candidates {
        var found = Candidates()
        var bestForward = Int.max
        var bestBackward = Int.max
        for stage in stagesOfRank[rank] {
            let record = records[stage]
            let noise = settings.noise == 0 ? 0 : random.next(below: settings.noise + 1)
            let forward = forwards[stage]
            if forward < layout.microbatchCounts[stage], live[rank] + chunksAfter[stage] < limit {
                var arrival: Int64 = 0
                if record.previousCells >= 0 {
                    let end = forwardEnds[record.previousCells + forward]
                    arrival = end < 0 ? .max : end + record.forwardTransfer
                }
                if arrival <= time {
                    let key = noise + forwardKey(stage, forward, settings)
                    if key < bestForward {
                        bestForward = key
                        found.forward = stage
                    }
                } else {
                    found.nextForward = min(found.nextForward, arrival)
                }
            }
            let backward = backwards[stage]
            if backward < forward {
                var arrival: Int64 = 0
                if record.nextCells >= 0 {
                    let end = backwardEnds[record.nextCells + backward]
                    arrival = end < 0 ? .max : end + record.backwardTransfer
                }
                if arrival <= time {
                    let key = noise + backwardKey(stage, backward, settings)
                    if key < bestBackward {
                        bestBackward = key
                        found.backward = stage
                    }
                } else {
                    found.nextBackward = min(found.nextBackward, arrival)
                }
            }
        }
        return found
    }

    @inline(__always)
    private func forwardKey(_ stage: Int, _ microbatch: Int, _ settings: ListSchedulerSettings) -> Int {
        if settings.group == 0 { return microbatch - chunks[stage] * settings.forwardDepth }
        return groupKey(microbatch, turn: chunks[stage], stage, settings.group)
    }

    @inline(__always)
    private func backwardKey(_ stage: Int, _ microbatch: Int, _ settings: ListSchedulerSettings) -> Int {
        if settings.group == 0 { return microbatch + chunks[stage] * settings.backwardDepth }
        return groupKey(microbatch, turn: chunksAfter[stage], stage, settings.group)
    }

    /// The place of a chunk's micro-batch where groups go through one chunk after the other.
    private func groupKey(_ microbatch: Int, turn: Int, _ stage: Int, _ group: Int) -> Int {
        let chunkCount = chunks[stage] + chunksAfter[stage] + 1
        return (microbatch / group * chunkCount + turn) * group + microbatch % group
    }

    /// Runs a step, or sets when to look again; returns how many forwards and backwards ran.
    private mutating func decide(
        _ rank: Int, _ time: Int64, _ settings: ListSchedulerSettings, _ random: inout SplitMix64
    ) -> Int {
        let found = candidates(rank, time, settings, &random)
        if found.forward >= 0, found.backward >= 0, settings.overlaps, areIndependent(found) {
            runPair(rank, time, found)
            return 2
        }
        if found.backward >= 0 {
            let isComing = settings.pairsStrictly || found.nextForward <= time &+ settings.backwardPatience
            let waits = settings.overlaps && forwardsLeft[rank] > 0 && found.forward < 0 && isComing
            if !waits {
                runInputGradient(rank, time, found.backward)
                return 1
            }
            wakeUps[rank] = min(wakeUps[rank], found.nextForward)
            return 0
        }
        if found.forward >= 0, live[rank] < settings.warmUps[rank] {
            let waits = settings.overlaps && found.nextBackward <= time &+ settings.forwardPatience
            if !waits {
                runForward(rank, time, found.forward)
                return 1
            }
            wakeUps[rank] = min(wakeUps[rank], found.nextBackward)
            return 0
        }
        let next = found.forward >= 0 ? found.nextBackward : min(found.nextForward, found.nextBackward)
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

    private func areIndependent(_ found: Candidates) -> Bool {
        forwards[found.forward] != backwards[found.backward]
            || layout.chains[found.forward] != layout.chains[found.backward]
    }

    private mutating func runPair(_ rank: Int, _ time: Int64, _ found: Candidates) {
        let forward = Action(.forward, stage: found.forward, microbatch: forwards[found.forward])
        let backward = Action(.backward, stage: found.backward, microbatch: backwards[found.backward])
        let length = pairCost.length(
            records[found.forward].costs, records[found.backward].costs, isFull: true)
        append(Step(overlapping: forward, with: backward), rank, time + length)
        finishForward(rank, found.forward)
        finishBackward(rank, found.backward)
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
        if record.previousRank >= 0 { wake(record.previousRank, free[rank] + records[stage - 1].backwardTransfer) }
    }

    private mutating func wake(_ rank: Int, _ time: Int64) {
        wakeUps[rank] = min(wakeUps[rank], max(time, free[rank]))
    }
}
