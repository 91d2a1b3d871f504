import PipelineSchedules

/// The state of a simulation: every rank goes on until it needs what has not been computed, and whoever computes it
/// wakes it.
///
/// All tables are flat and stay allocated between runs, so that a search can run it thousands of times a second.
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

    /// Runs to the end; false where ranks wait for each other. `starts` and `durations` have room for every step.
    ///
    /// - Precondition: Every action names a stage and a micro-batch that exist.
    mutating func run(
        _ steps: UnsafeBufferPointer<Step>, offsets: UnsafeBufferPointer<Int>, disturbance: Disturbance? = nil,
        starts: UnsafeMutablePointer<Int64>, durations: UnsafeMutablePointer<Int64>
    ) -> Bool {
        let rankCount = offsets.count - 1
        runnable.removeAll(keepingCapacity: true)
        for rank in (0..<rankCount).reversed() {
            positions[rank] = offsets[rank]
            awaited[rank] = -1
            free[rank] = 0
            runnable.append(rank)
        }
        let pairCost = pairCost
        var finished = 0
        records.withUnsafeBufferPointer { records in
            forwardEnds.withUnsafeMutableBufferPointer { forwardEnds in
                backwardEnds.withUnsafeMutableBufferPointer { backwardEnds in
                    awaited.withUnsafeMutableBufferPointer { awaited in
                        positions.withUnsafeMutableBufferPointer { positions in
                            free.withUnsafeMutableBufferPointer { free in
                                var frame = Frame(
                                    steps: steps, starts: starts, durations: durations, records: records,
                                    forwardEnds: forwardEnds, backwardEnds: backwardEnds, awaited: awaited,
                                    pairCost: pairCost, disturbance: disturbance)
                                while let rank = runnable.popLast() {
                                    let end = offsets[rank + 1]
                                    positions[rank] = frame.advance(
                                        rank, from: positions[rank], to: end, free: &free[rank], waking: &runnable)
                                    if positions[rank] == end { finished += 1 }
                                }
                            }
                        }
                    }
                }
            }
        }
        return finished == rankCount
    }
}

/// The loop's tables as pointers.
private struct Frame {
    let steps: UnsafeBufferPointer<Step>
    let starts: UnsafeMutablePointer<Int64>
    let durations: UnsafeMutablePointer<Int64>
    let records: UnsafeBufferPointer<StageRecord>
    let forwardEnds: UnsafeMutableBufferPointer<Int64>
    let backwardEnds: UnsafeMutableBufferPointer<Int64>
    let awaited: UnsafeMutableBufferPointer<Int>
    let pairCost: PairCost
    let disturbance: Disturbance?

    /// Runs a rank from a position until it waits or ends, and returns where that is.
    @inline(__always)
    mutating func advance(
        _ rank: Int, from first: Int, to end: Int, free: inout Int64, waking runnable: inout [Int]
    ) -> Int {
        var position = first
        while position < end {
            let step = steps[position]
            let one = Action(bits: step.firstBits)
            var start = free
            var duration: Int64 = 0
            if step.firstBits != 0 {
                guard let arrival = arrival(one, rank) else { return position }
                start = max(start, arrival)
                if step.isOverlapped {
                    let two = Action(bits: step.secondBits)
                    guard let arrival = self.arrival(two, rank) else { return position }
                    start = max(start, arrival)
                    duration = pairCost.length(
                        records[one.stage].costs, records[two.stage].costs, isFull: two.kind == .backward)
                } else {
                    duration = length(one)
                }
                if let disturbance { duration = disturbance.disturbed(duration, rank: rank, position: position) }
            }
            starts[position] = start
            durations[position] = duration
            free = start + duration
            if step.firstBits != 0 {
                finish(one, free, waking: &runnable)
                if step.isOverlapped { finish(Action(bits: step.secondBits), free, waking: &runnable) }
            }
            position += 1
        }
        return position
    }

    @inline(__always)
    private func length(_ action: Action) -> Int64 {
        let costs = records[action.stage].costs
        return switch action.kind {
        case .forward: costs.forward
        case .backward: costs.backward
        case .inputGradient: costs.inputGradient
        case .weightGradient: costs.weightGradient
        default: 0
        }
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
