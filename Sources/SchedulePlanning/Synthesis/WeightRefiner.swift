import PipelineSchedules

/// Splits a schedule's lone backwards and moves all weight gradients that are not part of a pair into gaps.
///
/// The order of everything else stays. A weight gradient runs where the next step has not arrived and where the limit of
/// activations asks for it; the rest comes last. O(actions · ranks).
struct WeightRefiner {
    private let schedule: Schedule
    private let layout: StageLayout
    private let records: [StageRecord]
    private let pairCost: PairCost
    private let limit: Int

    init(_ schedule: Schedule, costs: PipelineCosts, activationLimit: Int) {
        self.schedule = schedule
        layout = StageLayout(schedule.chains)
        records = StageRecord.all(layout, costs)
        pairCost = PairCost(costs)
        limit = activationLimit
    }

    /// The schedule with its weight gradients moved.
    ///
    /// - Precondition: The schedule is valid and within the limit.
    func refined() -> Schedule {
        let orders = schedule.rows.map { row in
            row.compactMap { step -> Step? in
                guard let first = step.first, first.kind != .weightGradient else { return nil }
                return first.kind == .backward ? Step(first.with(.inputGradient)) : step
            }
        }
        var result = schedule
        result.name += ", weights moved"
        result.rows = run(orders)
        return result
    }

    private func run(_ orders: [[Step]]) -> [[Step]] {
        let ranks = orders.count
        var rows = [[Step]](repeating: [], count: ranks)
        var positions = [Int](repeating: 0, count: ranks)
        var deferred = [[Action]](repeating: [], count: ranks)
        var heads = positions
        var live = positions
        var free = [Int64](repeating: 0, count: ranks)
        var wakeUps = free
        var forwardEnds = [Int64](repeating: -1, count: layout.cellCount)
        var backwardEnds = forwardEnds

        /// When a step's inputs are there; nil where that is not known yet.
        func arrival(_ step: Step) -> Int64? {
            var latest: Int64 = 0
            for bits in [step.firstBits, step.secondBits] where bits != 0 {
                let action = Action(bits: bits)
                let record = records[action.stage]
                let isForward = action.kind == .forward
                let source = isForward ? record.previousCells : record.nextCells
                guard source >= 0 else { continue }
                let end = (isForward ? forwardEnds : backwardEnds)[source + action.microbatch]
                guard end >= 0 else { return nil }
                latest = max(latest, end + (isForward ? record.forwardTransfer : record.backwardTransfer))
            }
            return latest
        }
        func finish(_ rank: Int, _ step: Step) {
            for bits in [step.firstBits, step.secondBits] where bits != 0 {
                let action = Action(bits: bits)
                let record = records[action.stage]
                let isForward = action.kind == .forward
                if isForward {
                    forwardEnds[record.cells + action.microbatch] = free[rank]
                    live[rank] += 1
                } else {
                    backwardEnds[record.cells + action.microbatch] = free[rank]
                    if action.kind == .backward {
                        live[rank] -= 1
                    } else {
                        deferred[rank].append(action.with(.weightGradient))
                    }
                }
                let consumer = isForward ? record.nextRank : record.previousRank
                if consumer >= 0 { wakeUps[consumer] = min(wakeUps[consumer], max(free[rank], free[consumer])) }
            }
        }
        func runWeight(_ rank: Int, _ time: Int64) {
            let action = deferred[rank][heads[rank]]
            heads[rank] += 1
            live[rank] -= 1
            rows[rank].append(Step(action))
            free[rank] = time + records[action.stage].costs.weightGradient
            wakeUps[rank] = free[rank]
        }

        while let rank = wakeUps.indices.min(by: { wakeUps[$0] < wakeUps[$1] }), wakeUps[rank] < .max {
            let time = max(wakeUps[rank], free[rank])
            wakeUps[rank] = .max
            let hasWeights = heads[rank] < deferred[rank].count
            guard positions[rank] < orders[rank].count else {
                if hasWeights { runWeight(rank, time) }
                continue
            }
            let step = orders[rank][positions[rank]]
            let isFull = live[rank] >= limit && step.first?.kind == .forward
            let arrival = arrival(step)
            if hasWeights, isFull || (arrival ?? .max) > time {
                runWeight(rank, time)
            } else if let arrival, arrival > time {
                wakeUps[rank] = min(wakeUps[rank], arrival)
            } else if arrival != nil {
                positions[rank] += 1
                rows[rank].append(step)
                free[rank] = time + length(step)
                wakeUps[rank] = free[rank]
                finish(rank, step)
            }
        }
        return rows
    }

    private func length(_ step: Step) -> Int64 {
        let first = Action(bits: step.firstBits)
        guard let second = step.second else {
            return first.kind == .forward
                ? records[first.stage].costs.forward : records[first.stage].costs.inputGradient
        }
        return pairCost.length(
            records[first.stage].costs, records[second.stage].costs, isFull: second.kind == .backward)
    }
}
