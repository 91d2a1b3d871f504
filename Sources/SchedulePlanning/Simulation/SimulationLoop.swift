import PipelineSchedules

/// The loop of a simulation. Each rank runs until it needs a result that is not computed yet; the rank that computes
/// the result wakes it.
///
/// All tables are flat and stay allocated between runs, so that a search can run the loop thousands of times per
/// second. At a thousand ranks the loop is memory-bound. Steps are therefore read in place and prefetched, and one
/// table holds the ends of forwards and backwards.
struct SimulationLoop {
    private let records: [StageRecord]
    private let pairCost: PairCost
    /// The end of each cell's latest pass: the end plus 1 after a forward, -(end + 1) after a backward, and 0 before
    /// both. A backward may overwrite the end of its forward, because all ranks that need this end have read it by
    /// then.
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

    /// The end of each rank's last step.
    var free: [Int64] { ranks.map(\.free) }

    /// The end of the last step of all ranks.
    var makespan: Int64 { ranks.reduce(0) { max($0, $1.free) } }

    /// Runs `rows` and returns the end of the last step; nil if the rows cannot run.
    mutating func makespan(of rows: [[Step]]) -> Int64? {
        reset()
        return run(rows) ? makespan : nil
    }

    /// Clears the state of the last run.
    mutating func reset() { ends.withUnsafeMutableBufferPointer { $0.update(repeating: 0) } }

    /// Runs all steps and returns whether that was possible. It is impossible if ranks wait for each other in a circle,
    /// or if a step names a stage or a micro-batch that does not exist.
    ///
    /// - Parameters:
    ///   - rows: The steps of each rank, for at least one rank. The steps are read in place.
    ///   - offsets: The index of each rank's first step in `starts` and among the steps that jitter counts; not needed
    ///     without `starts` and `stragglers`.
    ///   - stragglers: Deviations of ranks from their costs.
    ///   - starts: Memory for the start of every step; nil if only the end is needed.
    mutating func run(
        _ rows: [[Step]], offsets: [Int] = [], stragglers: Stragglers? = nil, starts: UnsafeMutablePointer<Int64>? = nil
    ) -> Bool {
        ranks.removeAll(keepingCapacity: true)
        for (rank, row) in rows.enumerated() {
            // The pointers stay valid until the run ends, because `rows` lives until then and does not change.
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

/// The data of a stage that the loop needs, in one place.
private struct StageRecord {
    let links: StageLinks
    let microbatchCount: Int
    let costs: StageCosts
}

/// Pointers to the loop's tables during a run.
private struct LoopTables {
    let records: UnsafeBufferPointer<StageRecord>
    let ends: UnsafeMutableBufferPointer<Int64>
    let ranks: UnsafeMutableBufferPointer<RankProgress>
    let pairCost: PairCost
    let offsets: [Int]
    let stragglers: Stragglers?
    /// The top of the stack of ranks that can continue, or -1.
    var top = 0

    mutating func run() -> Bool {
        while top >= 0 {
            let rank = top
            top = ranks[rank].below
            advance(rank)
        }
        return ranks.allSatisfy { $0.position == $0.steps.count }
    }

    /// Runs the rank until it waits or ends.
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
        // The read completes while other ranks run.
        if position + Self.stepsAhead < steps.count {
            ranks[rank].readAhead ^= steps[position + Self.stepsAhead].firstBits
        }
    }

    /// The distance of the prefetched step: a cache line has four steps.
    private static let stepsAhead = 4

    /// Returns whether the action's stage and micro-batch exist. If so, the tables can be read without further checks.
    @inline(__always) private func has(_ action: Action) -> Bool {
        action.stage < records.count && action.microbatch < records[action.stage].microbatchCount
    }

    /// Returns the time at which the input of `action` is on its rank. If the input is not computed yet, the function
    /// returns nil and records what the rank waits for.
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

    /// Puts the rank on the stack if the rank waits for `awaited`. A waiting rank is not on the stack yet.
    @inline(__always) private mutating func wake(_ rank: Int, _ awaited: Int) {
        guard rank >= 0, ranks[rank].awaited == awaited else { return }
        ranks[rank].awaited = -1
        ranks[rank].below = top
        top = rank
    }
}
