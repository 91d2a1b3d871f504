import PipelineSchedules

/// The state of a simulation: every rank goes on until it needs what has not been computed, and the rank that computes
/// it wakes it.
///
/// All tables are flat and stay allocated between runs, so that a search can run it thousands of times a second. At a
/// thousand ranks a simulation costs what the memory's answers cost: steps are read where they lie, once and ahead of
/// time, and one table has the ends of forwards and of backwards.
struct SimulationLoop {
    private let records: [StageRecord]
    private let pairCost: PairCost
    /// When each cell's last forward or backward has ended: the forward's end plus 1, or the backward's end plus 1,
    /// negative; 0 before. No rank needs a forward's end once the backward has come back from those who needed it.
    private var ends: [Int64]
    private var ranks: [RankProgress] = []

    init(_ layout: StageLayout, costs: PipelineCosts, rankCount: Int) {
        let links = StageLinks.all(layout, delay: costs.transfer)
        records = links.indices.map { stage in
            StageRecord(links: links[stage], microbatchCount: layout.microbatchCounts[stage], costs: costs.stage(stage))
        }
        pairCost = PairCost(costs)
        ends = Array(largePagesFor: layout.cellCount) { buffer in
            buffer.initialize(repeating: 0)
            return buffer.count
        }
        ranks.reserveCapacity(rankCount)
    }

    /// When each rank's last step ended.
    var free: [Int64] { ranks.map(\.free) }

    /// When the last rank's last step ended.
    var makespan: Int64 { ranks.reduce(0) { max($0, $1.free) } }

    /// When the last step of `rows` ends; nil where they cannot run.
    mutating func makespan(of rows: [[Step]]) -> Int64? {
        reset()
        return run(rows) ? makespan : nil
    }

    /// Forgets the last run.
    mutating func reset() { ends.withUnsafeMutableBufferPointer { $0.update(repeating: 0) } }

    /// Runs to the end; false where ranks wait for each other, or a step names a stage or a micro-batch that does not
    /// exist.
    ///
    /// - Parameters:
    ///   - rows: The steps of each rank, of which there is one at least; they are read where they lie.
    ///   - offsets: Where each rank's steps begin in `starts`, and in what jitter counts; not needed without either.
    ///   - stragglers: Ranks that are slower than their costs say.
    ///   - starts: Room for the start of every step; nil where only the end counts.
    mutating func run(
        _ rows: [[Step]], offsets: [Int] = [], stragglers: Stragglers? = nil, starts: UnsafeMutablePointer<Int64>? = nil
    ) -> Bool {
        ranks.removeAll(keepingCapacity: true)
        for (rank, row) in rows.enumerated() {
            // The pointers are good until the run ends: `rows` lives until then, and nothing changes it.
            let steps = row.withUnsafeBufferPointer { $0 }
            ranks.append(
                RankProgress(
                    steps: steps, starts: starts.map { $0 + offsets[rank] },
                    below: rank + 1 < rows.count ? rank + 1 : -1))
        }
        return withExtendedLifetime(rows) {
            records.withUnsafeBufferPointer { records in
                ends.withUnsafeMutableBufferPointer { ends in
                    ranks.withUnsafeMutableBufferPointer { ranks in
                        var tables = LoopTables(
                            records: records, ends: ends, ranks: ranks, pairCost: pairCost, offsets: offsets,
                            stragglers: stragglers)
                        return tables.run()
                    }
                }
            }
        }
    }
}

/// Everything that the loop needs to know of a stage, side by side.
private struct StageRecord {
    let links: StageLinks
    let microbatchCount: Int
    let costs: StageCosts
}

/// The loop's tables as pointers, while ranks run one after the other.
private struct LoopTables {
    let records: UnsafeBufferPointer<StageRecord>
    let ends: UnsafeMutableBufferPointer<Int64>
    let ranks: UnsafeMutableBufferPointer<RankProgress>
    let pairCost: PairCost
    let offsets: [Int]
    let stragglers: Stragglers?
    /// The top of the stack of ranks that can go on, or -1.
    var top = 0

    mutating func run() -> Bool {
        while top >= 0 {
            let rank = top
            top = ranks[rank].below
            advance(rank)
        }
        return ranks.allSatisfy { $0.position == $0.steps.count }
    }

    /// Runs a rank until it waits or ends.
    @inline(__always) private mutating func advance(_ rank: Int) {
        let steps = ranks[rank].steps
        let starts = ranks[rank].starts
        var position = ranks[rank].position
        var free = ranks[rank].free
        while position < steps.count {
            let step = steps[position]
            let one = Action(bits: step.firstBits)
            var start = free
            var duration: Int64 = 0
            if step.firstBits != 0 {
                guard has(one), let arrival = arrival(one, rank) else { break }
                start = max(start, arrival)
                if step.isOverlapped {
                    let two = Action(bits: step.secondBits)
                    guard has(two), let arrival = self.arrival(two, rank) else { break }
                    start = max(start, arrival)
                    duration = pairCost.length(
                        records[one.stage].costs, records[two.stage].costs, isFull: two.kind == .backward)
                } else {
                    duration = records[one.stage].costs.length(one.kind)
                }
                if let stragglers {
                    duration = stragglers.slowed(duration, rank: rank, position: offsets[rank] + position)
                }
            }
            if let starts { starts[position] = start }
            free = start + duration
            if step.firstBits != 0 {
                finish(one, free)
                if step.isOverlapped { finish(Action(bits: step.secondBits), free) }
            }
            position += 1
        }
        ranks[rank].position = position
        ranks[rank].free = free
        // The memory answers while other ranks run.
        if position + Self.stepsAhead < steps.count {
            ranks[rank].readAhead ^= steps[position + Self.stepsAhead].firstBits
        }
    }

    /// A line of a cache has four steps.
    private static let stepsAhead = 4

    /// Whether the action's stage and micro-batch exist, so that the tables may be read without looking again.
    @inline(__always) private func has(_ action: Action) -> Bool {
        action.stage < records.count && action.microbatch < records[action.stage].microbatchCount
    }

    /// When what `action` needs is on its rank; nil, with the rank put to sleep, where it has not been computed.
    @inline(__always) private func arrival(_ action: Action, _ rank: Int) -> Int64? {
        switch action.kind {
        case .forward:
            let cells = records[action.stage].links.previousCells
            guard cells >= 0 else { return 0 }
            let cell = cells + action.microbatch
            let end = ends[cell]
            guard end > 0 else {
                ranks[rank].awaited = 2 * cell
                return nil
            }
            return end - 1 + records[action.stage].links.forwardDelay
        case .backward, .inputGradient:
            let cells = records[action.stage].links.nextCells
            guard cells >= 0 else { return 0 }
            let cell = cells + action.microbatch
            let end = ends[cell]
            guard end < 0 else {
                ranks[rank].awaited = 2 * cell + 1
                return nil
            }
            return -end - 1 + records[action.stage].links.backwardDelay
        default: return 0
        }
    }

    @inline(__always) private mutating func finish(_ action: Action, _ end: Int64) {
        switch action.kind {
        case .forward:
            let cell = records[action.stage].links.cells + action.microbatch
            ends[cell] = end + 1
            wake(records[action.stage].links.nextRank, 2 * cell)
        case .backward, .inputGradient:
            let cell = records[action.stage].links.cells + action.microbatch
            ends[cell] = -end - 1
            wake(records[action.stage].links.previousRank, 2 * cell + 1)
        default: return
        }
    }

    /// Puts a rank on the stack if it waits for that; a rank that waits for something is not there yet.
    @inline(__always) private mutating func wake(_ rank: Int, _ awaited: Int) {
        guard rank >= 0, ranks[rank].awaited == awaited else { return }
        ranks[rank].awaited = -1
        ranks[rank].below = top
        top = rank
    }
}
