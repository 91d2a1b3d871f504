import PipelineSchedules

/// The state of a simulation: every rank goes on until it needs what has not been computed, and whoever computes it
/// wakes it.
///
/// All tables are flat and stay allocated between runs, so that a search can run it thousands of times a second. Steps are
/// read where they lie, once: at a thousand ranks the memory's bandwidth is what a simulation costs.
struct SimulationLoop {
    let records: [StageRecord]
    let pairCost: PairCost
    /// When each cell's forward and backward have ended, plus 1; 0 before.
    private var forwardEnds: [Int64]
    private var backwardEnds: [Int64]
    /// What each rank waits for: the cell, twice, and 1 for a backward; -1 for nothing.
    private var awaited: [Int]
    private var positions: [Int]
    private(set) var free: [Int64]
    private var runnable: [Int]

    init(_ layout: StageLayout, costs: PipelineCosts, rankCount: Int) {
        records = StageRecord.all(layout, costs)
        pairCost = PairCost(costs)
        forwardEnds = Array(repeating: 0, count: layout.cellCount)
        backwardEnds = Array(repeating: 0, count: layout.cellCount)
        awaited = Array(repeating: -1, count: rankCount)
        positions = Array(repeating: 0, count: rankCount)
        free = Array(repeating: 0, count: rankCount)
        runnable = []
        runnable.reserveCapacity(rankCount)
    }

    /// Forgets the last run.
    mutating func reset() {
        forwardEnds.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        backwardEnds.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    }

    /// How long a step takes without a disturbance.
    func length(of step: Step) -> Int64 {
        guard let first = step.first else { return 0 }
        guard let second = step.second else { return records[first.stage].costs.length(first.kind) }
        return pairCost.length(
            records[first.stage].costs, records[second.stage].costs, isFull: second.kind == .backward)
    }

    /// How a run ended.
    enum Outcome {
        /// Every step ran.
        case finished
        /// Ranks wait for each other.
        case stuck
        /// A step names a stage or a micro-batch that does not exist.
        case unknownAction
    }

    /// Runs to the end.
    ///
    /// - Parameters:
    ///   - rows: The steps of each rank, which are read where they lie.
    ///   - offsets: Where each rank's steps begin in `starts`, and in what the disturbance counts.
    ///   - disturbance: Ranks that are slower than their costs say.
    ///   - starts: Room for the start of every step; nil where only the end counts.
    mutating func run(
        _ rows: [[Step]], offsets: [Int], disturbance: Disturbance? = nil, starts: UnsafeMutablePointer<Int64>? = nil
    ) -> Outcome {
        runnable.removeAll(keepingCapacity: true)
        for rank in rows.indices.reversed() {
            positions[rank] = 0
            awaited[rank] = -1
            free[rank] = 0
            runnable.append(rank)
        }
        let pairCost = pairCost
        var finished = 0
        var isKnown = true
        records.withUnsafeBufferPointer { records in
            forwardEnds.withUnsafeMutableBufferPointer { forwardEnds in
                backwardEnds.withUnsafeMutableBufferPointer { backwardEnds in
                    awaited.withUnsafeMutableBufferPointer { awaited in
                        var frame = Frame(
                            records: records, forwardEnds: forwardEnds, backwardEnds: backwardEnds, awaited: awaited,
                            pairCost: pairCost, disturbance: disturbance)
                        while isKnown, let rank = runnable.popLast() {
                            rows[rank].withUnsafeBufferPointer { steps in
                                positions[rank] = frame.advance(
                                    rank, steps, from: positions[rank], offset: offsets[rank], starts: starts,
                                    free: &free[rank], waking: &runnable)
                                if positions[rank] == steps.count { finished += 1 }
                            }
                            isKnown = frame.isKnown
                        }
                    }
                }
            }
        }
        if !isKnown { return .unknownAction }
        return finished == rows.count ? .finished : .stuck
    }
}

/// The loop's tables as pointers.
private struct Frame {
    let records: UnsafeBufferPointer<StageRecord>
    let forwardEnds: UnsafeMutableBufferPointer<Int64>
    let backwardEnds: UnsafeMutableBufferPointer<Int64>
    let awaited: UnsafeMutableBufferPointer<Int>
    let pairCost: PairCost
    let disturbance: Disturbance?
    /// Whether every action so far names a stage and a micro-batch that exist.
    var isKnown = true

    init(
        records: UnsafeBufferPointer<StageRecord>, forwardEnds: UnsafeMutableBufferPointer<Int64>,
        backwardEnds: UnsafeMutableBufferPointer<Int64>, awaited: UnsafeMutableBufferPointer<Int>,
        pairCost: PairCost, disturbance: Disturbance?
    ) {
        self.records = records
        self.forwardEnds = forwardEnds
        self.backwardEnds = backwardEnds
        self.awaited = awaited
        self.pairCost = pairCost
        self.disturbance = disturbance
    }

    /// Runs a rank from a position until it waits or ends, and returns where that is.
    @inline(__always)
    mutating func advance(
        _ rank: Int, _ steps: UnsafeBufferPointer<Step>, from first: Int, offset: Int,
        starts: UnsafeMutablePointer<Int64>?, free: inout Int64, waking runnable: inout [Int]
    ) -> Int {
        var position = first
        while position < steps.count {
            let step = steps[position]
            let one = Action(bits: step.firstBits)
            var start = free
            var duration: Int64 = 0
            if step.firstBits != 0 {
                guard has(one), let arrival = arrival(one, rank) else { return position }
                start = max(start, arrival)
                if step.isOverlapped {
                    let two = Action(bits: step.secondBits)
                    guard has(two), let arrival = self.arrival(two, rank) else { return position }
                    start = max(start, arrival)
                    duration = pairCost.length(
                        records[one.stage].costs, records[two.stage].costs, isFull: two.kind == .backward)
                } else {
                    duration = records[one.stage].costs.length(one.kind)
                }
                if let disturbance {
                    duration = disturbance.disturbed(duration, rank: rank, position: offset + position)
                }
            }
            if let starts { starts[offset + position] = start }
            free = start + duration
            if step.firstBits != 0 {
                finish(one, free, waking: &runnable)
                if step.isOverlapped { finish(Action(bits: step.secondBits), free, waking: &runnable) }
            }
            position += 1
        }
        return position
    }

    /// Whether the action's stage and micro-batch exist, so that the tables may be read without looking again.
    @inline(__always)
    private mutating func has(_ action: Action) -> Bool {
        if action.stage < records.count, action.microbatch < records[action.stage].microbatchCount { return true }
        isKnown = false
        return false
    }

    /// When what `action` needs is on its rank; nil, with the rank put to sleep, where it has not been computed.
    @inline(__always)
    private func arrival(_ action: Action, _ rank: Int) -> Int64? {
        let record = records[action.stage]
        switch action.kind {
        case .forward:
            guard record.previousCells >= 0 else { return 0 }
            let cell = record.previousCells + action.microbatch
            let end = forwardEnds[cell]
            guard end > 0 else {
                awaited[rank] = 2 * cell
                return nil
            }
            return end - 1 + record.forwardTransfer
        case .backward, .inputGradient:
            guard record.nextCells >= 0 else { return 0 }
            let cell = record.nextCells + action.microbatch
            let end = backwardEnds[cell]
            guard end > 0 else {
                awaited[rank] = 2 * cell + 1
                return nil
            }
            return end - 1 + record.backwardTransfer
        default:
            return 0
        }
    }

    @inline(__always)
    private func finish(_ action: Action, _ end: Int64, waking runnable: inout [Int]) {
        let record = records[action.stage]
        let cell = record.cells + action.microbatch
        let consumer: Int
        let token: Int
        switch action.kind {
        case .forward:
            forwardEnds[cell] = end + 1
            consumer = record.nextRank
            token = 2 * cell
        case .backward, .inputGradient:
            backwardEnds[cell] = end + 1
            consumer = record.previousRank
            token = 2 * cell + 1
        default:
            return
        }
        if consumer >= 0, awaited[consumer] == token {
            awaited[consumer] = -1
            runnable.append(consumer)
        }
    }
}
