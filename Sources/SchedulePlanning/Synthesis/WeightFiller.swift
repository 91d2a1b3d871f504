import PipelineSchedules

/// Runs orders of everything but lone weight gradients, and puts those where ranks would idle.
///
/// A weight gradient, first in, first out, runs where the next step has not arrived or where the limit of activations
/// asks for it; the rest comes last. All tables stay allocated between runs. O(steps · ranks).
struct WeightFiller {
    private let records: [StageRecord]
    private let pairCost: PairCost
    private let limit: Int
    /// The part of a weight gradient that a gap of known length must have for it to run there.
    private let leastPart: Double
    /// When each cell's forward and backward have ended, plus 1; 0 before.
    private var forwardEnds: [Int64]
    private var backwardEnds: [Int64]
    private var positions: [Int]
    private var live: [Int]
    private var deferred: [[Action]]
    private var heads: [Int]
    private var wakeUps: [Int64]
    /// When each rank's last step ended.
    private(set) var free: [Int64]

    init(_ layout: StageLayout, rankCount: Int, costs: PipelineCosts, activationLimit: Int, leastPart: Double) {
        records = StageRecord.all(layout, costs)
        pairCost = PairCost(costs)
        limit = activationLimit
        self.leastPart = leastPart
        forwardEnds = Array(repeating: 0, count: layout.cellCount)
        backwardEnds = forwardEnds
        positions = Array(repeating: 0, count: rankCount)
        live = positions
        deferred = Array(repeating: [], count: rankCount)
        heads = positions
        wakeUps = Array(repeating: 0, count: rankCount)
        free = wakeUps
    }

    /// The order of everything but lone weight gradients.
    static func order(_ rows: [[Step]]) -> [[Step]] {
        rows.map { row in
            row.compactMap { step -> Step? in
                guard let first = step.first, first.kind != .weightGradient else { return nil }
                return first.kind == .backward ? Step(first.with(.inputGradient)) : step
            }
        }
    }

    /// The orders with their weight gradients; nil where they cannot run or do not keep to the limit.
    mutating func filled(_ orders: [[Step]]) -> [[Step]]? {
        var rows = [[Step]](repeating: [], count: orders.count)
        let isFinished = run(orders) { rank, step, _ in rows[rank].append(step) }
        return isFinished ? rows : nil
    }

    /// Runs the orders; false where they cannot run or do not keep to the limit.
    ///
    /// - Parameters:
    ///   - offsets: Where each rank's steps begin in `starts`.
    ///   - starts: Room for the start of every step of the orders.
    mutating func run(_ orders: [[Step]], offsets: [Int], starts: inout [Int64]) -> Bool {
        run(orders) { rank, step, position in
            if let position { starts[offsets[rank] + position.index] = position.start }
        }
    }

    /// - Parameter ran: Told each step; with its place and start where it is one of the orders.
    @inline(__always)
    private mutating func run(
        _ orders: [[Step]], ran: (_ rank: Int, _ step: Step, _ place: (index: Int, start: Int64)?) -> Void
    ) -> Bool {
        reset()
        while true {
            var rank = 0
            for other in 1..<max(orders.count, 1) where wakeUps[other] < wakeUps[rank] { rank = other }
            guard wakeUps[rank] < .max else { break }
            let time = max(wakeUps[rank], free[rank])
            wakeUps[rank] = .max
            let position = positions[rank]
            guard position < orders[rank].count else {
                if heads[rank] < deferred[rank].count { ran(rank, runWeight(rank, time), nil) }
                continue
            }
            let step = orders[rank][position]
            let hasWeights = heads[rank] < deferred[rank].count
            if live[rank] >= limit, Action(bits: step.firstBits).kind == .forward {
                guard hasWeights else { return false }
                ran(rank, runWeight(rank, time), nil)
                continue
            }
            guard let arrival = arrival(step) else {
                if hasWeights { ran(rank, runWeight(rank, time), nil) }
                continue
            }
            if arrival > time {
                if hasWeights, isLongEnough(arrival - time, rank) {
                    ran(rank, runWeight(rank, time), nil)
                } else {
                    wakeUps[rank] = min(wakeUps[rank], arrival)
                }
                continue
            }
            positions[rank] += 1
            free[rank] = time + length(step)
            wakeUps[rank] = free[rank]
            ran(rank, step, (position, time))
            finish(rank, step)
        }
        return orders.indices.allSatisfy { positions[$0] == orders[$0].count }
    }

    private mutating func reset() {
        for rank in free.indices {
            positions[rank] = 0
            live[rank] = 0
            deferred[rank].removeAll(keepingCapacity: true)
            heads[rank] = 0
            wakeUps[rank] = 0
            free[rank] = 0
        }
        forwardEnds.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        backwardEnds.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    }

    private func isLongEnough(_ gap: Int64, _ rank: Int) -> Bool {
        let length = records[deferred[rank][heads[rank]].stage].costs.weightGradient
        return Double(gap) >= leastPart * Double(length)
    }

    private mutating func runWeight(_ rank: Int, _ time: Int64) -> Step {
        let action = deferred[rank][heads[rank]]
        heads[rank] += 1
        live[rank] -= 1
        free[rank] = time + records[action.stage].costs.weightGradient
        wakeUps[rank] = free[rank]
        return Step(action)
    }

    /// When a step's inputs are there; nil where that is not known yet.
    private func arrival(_ step: Step) -> Int64? {
        var latest: Int64 = 0
        for bits in [step.firstBits, step.secondBits] where bits != 0 {
            let action = Action(bits: bits)
            let record = records[action.stage]
            let isForward = action.kind == .forward
            let source = isForward ? record.previousCells : record.nextCells
            guard source >= 0 else { continue }
            let end = isForward ? forwardEnds[source + action.microbatch] : backwardEnds[source + action.microbatch]
            guard end > 0 else { return nil }
            latest = max(latest, end - 1 + (isForward ? record.forwardTransfer : record.backwardTransfer))
        }
        return latest
    }

    private mutating func finish(_ rank: Int, _ step: Step) {
        for bits in [step.firstBits, step.secondBits] where bits != 0 {
            let action = Action(bits: bits)
            let record = records[action.stage]
            let consumer: Int
            if action.kind == .forward {
                forwardEnds[record.cells + action.microbatch] = free[rank] + 1
                live[rank] += 1
                consumer = record.nextRank
            } else {
                backwardEnds[record.cells + action.microbatch] = free[rank] + 1
                if action.kind == .backward {
                    live[rank] -= 1
                } else {
                    deferred[rank].append(action.with(.weightGradient))
                }
                consumer = record.previousRank
            }
            if consumer >= 0 { wakeUps[consumer] = min(wakeUps[consumer], max(free[rank], free[consumer])) }
        }
    }

    private func length(_ step: Step) -> Int64 {
        let first = Action(bits: step.firstBits)
        guard let second = step.second else { return records[first.stage].costs.length(first.kind) }
        return pairCost.length(
            records[first.stage].costs, records[second.stage].costs, isFull: second.kind == .backward)
    }
}
