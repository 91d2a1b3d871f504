import PipelineSchedules

/// The state of a simulation: every rank goes on until it needs what has not been computed, and whoever computes it
/// wakes it.
struct SimulationRun {
    private let schedule: Schedule
    private let layout: StageLayout
    private let costs: PipelineCosts
    private(set) var starts: [[Int64]]
    private(set) var durations: [[Int64]]
    private var free: [Int64]
    /// When each cell's forward and backward have ended; -1 before.
    private var forwardEnds: [Int64]
    private var backwardEnds: [Int64]
    private var awaitedCells: [Int]
    private var runnable: [Int]

    init(_ schedule: Schedule, costs: PipelineCosts) {
        let schedule = schedule.removingTransfers()
        self.schedule = schedule
        self.costs = costs
        layout = StageLayout(schedule.chains)
        starts = Array(repeating: [], count: schedule.rankCount)
        durations = Array(repeating: [], count: schedule.rankCount)
        free = Array(repeating: 0, count: schedule.rankCount)
        forwardEnds = Array(repeating: -1, count: layout.cellCount)
        backwardEnds = Array(repeating: -1, count: layout.cellCount)
        awaitedCells = Array(repeating: -1, count: schedule.rankCount)
        runnable = (0..<schedule.rankCount).reversed()
        for rank in schedule.rows.indices {
            starts[rank].reserveCapacity(schedule.rows[rank].count)
            durations[rank].reserveCapacity(schedule.rows[rank].count)
        }
    }

    /// Runs to the end; false where ranks wait for each other.
    mutating func finish() -> Bool {
        while let rank = runnable.popLast() { advance(rank) }
        return schedule.rows.indices.allSatisfy { starts[$0].count == schedule.rows[$0].count }
    }

    private mutating func advance(_ rank: Int) {
        let row = schedule.rows[rank]
        while starts[rank].count < row.count {
            let step = row[starts[rank].count]
            var start = free[rank]
            var duration: Int64 = 0
            if let first = step.first {
                guard let arrival = arrival(first, on: rank) else { return }
                start = max(start, arrival)
                duration = cost(of: first)
            }
            if let second = step.second {
                guard let arrival = arrival(second, on: rank) else { return }
                start = max(start, arrival)
                duration += cost(of: second)
                duration -= Int64((Double(duration) * costs.overlapSaving).rounded())
            }
            starts[rank].append(start)
            durations[rank].append(duration)
            free[rank] = start + duration
            step.forEachAction { finish($0, at: start + duration) }
        }
    }

    /// When what `action` needs is on `rank`; nil, with the rank put to sleep, where it has not been computed.
    private mutating func arrival(_ action: Action, on rank: Int) -> Int64? {
        let source: Int
        let ends: [Int64]
        switch action.kind {
        case .forward:
            source = layout.previous[action.stage]
            ends = forwardEnds
        case .backward, .inputGradient:
            source = layout.next[action.stage]
            ends = backwardEnds
        default:
            return 0
        }
        guard source >= 0 else { return 0 }
        let cell = layout.cellOffsets[source] + action.microbatch
        guard ends[cell] >= 0 else {
            awaitedCells[rank] = cell
            return nil
        }
        return ends[cell] + (layout.ranks[source] == rank ? 0 : costs.transfer)
    }

    private mutating func finish(_ action: Action, at end: Int64) {
        let consumer: Int
        switch action.kind {
        case .forward:
            forwardEnds[layout.cell(action)] = end
            consumer = layout.next[action.stage]
        case .backward, .inputGradient:
            backwardEnds[layout.cell(action)] = end
            consumer = layout.previous[action.stage]
        default:
            return
        }
        guard consumer >= 0 else { return }
        let rank = layout.ranks[consumer]
        if awaitedCells[rank] == layout.cell(action) {
            awaitedCells[rank] = -1
            runnable.append(rank)
        }
    }

    private func cost(of action: Action) -> Int64 {
        let stage = costs.stages[min(action.stage, costs.stages.count - 1)]
        return switch action.kind {
        case .forward: stage.forward
        case .backward: stage.backward
        case .inputGradient: stage.inputGradient
        case .weightGradient: stage.weightGradient
        default: 0
        }
    }
}
