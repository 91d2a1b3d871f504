import DequeModule
import PipelineSchedules

/// Runs orders of everything but unpaired weight gradients, and puts those where ranks would idle.
///
/// A weight gradient, first in, first out, runs where the next step has not arrived or where the limit of activations
/// asks for it; the rest comes last. All tables stay allocated between runs. O(steps · ranks).
struct WeightFiller {
    private struct RankState {
        var position = 0
        var live = 0
        /// Weight gradients that are put off, first in, first out.
        var deferred: Deque<Action> = []
    }

    private let lengths: StepLengths
    private let limit: Int
    /// The part of a weight gradient that a gap of known length must have for it to run there.
    private let minimumFill: Double
    private var walk: ClockWalk
    private var ranks: [RankState]

    /// When each rank's last step ended.
    var free: [Int64] { walk.free }

    init(_ layout: StageLayout, rankCount: Int, costs: PipelineCosts, activationLimit: Int, minimumFill: Double = 0.5) {
        lengths = StepLengths(costs, stageCount: layout.stageCount)
        limit = activationLimit
        self.minimumFill = minimumFill
        // A rank that knows when its next input arrives can fill the time until then.
        walk = ClockWalk(layout, rankCount: rankCount, wakesAtSend: true, delay: costs.transfer)
        ranks = Array(repeating: RankState(), count: rankCount)
    }

    /// The order of everything but unpaired weight gradients.
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

    /// The orders with their weight gradients, and when the last action ends; nil where they cannot run or do not keep
    /// to the limit.
    mutating func completed(
        _ orders: [[Step]], timedBy loop: inout SimulationLoop
    ) -> (rows: [[Step]], makespan: Int64)? {
        guard let rows = filled(orders), let makespan = loop.makespan(of: rows) else { return nil }
        return (rows, makespan)
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

    /// - Parameter ran: Told each step; with its index and start if it is one of the orders.
    @inline(__always) private mutating func run(
        _ orders: [[Step]], ran: (_ rank: Int, _ step: Step, _ position: (index: Int, start: Int64)?) -> Void
    ) -> Bool {
        reset()
        while let (rank, time) = walk.next() {
            let position = ranks[rank].position
            let hasWeights = !ranks[rank].deferred.isEmpty
            guard position < orders[rank].count else {
                if let weight = runWeight(rank, time) { ran(rank, weight, nil) }
                continue
            }
            let step = orders[rank][position]
            if ranks[rank].live >= limit, Action(bits: step.firstBits).kind == .forward {
                guard let weight = runWeight(rank, time) else { return false }
                ran(rank, weight, nil)
                continue
            }
            let arrival = walk.arrival(step)
            if arrival > time {
                if hasWeights, fills(arrival - time, rank), let weight = runWeight(rank, time) {
                    ran(rank, weight, nil)
                } else {
                    walk.wait(rank, until: arrival)
                }
                continue
            }
            ranks[rank].position += 1
            let end = time + lengths.length(of: step)
            walk.occupy(rank, until: end)
            ran(rank, step, (position, time))
            finish(rank, step, end)
        }
        return orders.indices.allSatisfy { ranks[$0].position == orders[$0].count }
    }

    private mutating func reset() {
        walk.reset()
        for rank in ranks.indices {
            ranks[rank].position = 0
            ranks[rank].live = 0
            ranks[rank].deferred.removeAll(keepingCapacity: true)
        }
    }

    /// Whether the next weight gradient may run in a gap.
    private func fills(_ gap: Int64, _ rank: Int) -> Bool {
        let length = ranks[rank].deferred.first.map { lengths.stages[$0.stage].weightGradient } ?? 0
        return Double(gap) >= minimumFill * Double(length)
    }

    private mutating func runWeight(_ rank: Int, _ time: Int64) -> Step? {
        guard let action = ranks[rank].deferred.popFirst() else { return nil }
        ranks[rank].live -= 1
        walk.occupy(rank, until: time + lengths.stages[action.stage].weightGradient)
        return Step(action)
    }

    private mutating func finish(_ rank: Int, _ step: Step, _ end: Int64) {
        for bits in [step.firstBits, step.secondBits] where bits != 0 {
            let action = Action(bits: bits)
            switch action.kind {
            case .forward: ranks[rank].live += 1
            case .backward: ranks[rank].live -= 1
            default: ranks[rank].deferred.append(action.with(.weightGradient))
            }
            walk.finish(action, at: end)
        }
    }
}
