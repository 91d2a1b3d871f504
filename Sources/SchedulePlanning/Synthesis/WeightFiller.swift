import DequeModule
import PipelineSchedules

/// A filler that runs orders without unpaired weight gradients, and inserts these into gaps in which ranks would be
/// idle.
///
/// Weight gradients run first in, first out. One runs if the input of the next step has not arrived, or if the
/// activation limit requires it. The others run at the end. All tables stay allocated between runs. O(steps · ranks).
struct WeightFiller {
    private struct RankState {
        var position = 0
        var live = 0
        /// Deferred weight gradients, first in, first out.
        var deferred: Deque<Action> = []
    }

    private let lengths: StepLengths
    private let limit: Int
    /// The fraction of a weight gradient that must fit into a gap of known length for it to run there.
    private let minimumFill: Double
    private var walk: ClockWalk
    private var ranks: [RankState]

    /// The end of each rank's last step.
    var free: [Int64] { walk.free }

    init(_ layout: StageLayout, rankCount: Int, costs: PipelineCosts, activationLimit: Int, minimumFill: Double = 0.5) {
        lengths = StepLengths(costs, stageCount: layout.stageCount)
        limit = activationLimit
        self.minimumFill = minimumFill
        // A rank that knows when its next input arrives can fill the time until then.
        walk = ClockWalk(layout, rankCount: rankCount, wakesAtSend: true, delay: costs.transfer)
        ranks = Array(repeating: RankState(), count: rankCount)
    }

    /// Returns the order without unpaired weight gradients. An unpaired full backward becomes an input gradient.
    static func order(_ rows: [[Step]]) -> [[Step]] {
        rows.map { row in
            row.compactMap { step -> Step? in
                guard let first = step.first, first.kind != .weightGradient else { return nil }
                return first.kind == .backward ? Step(first.with(.inputGradient)) : step
            }
        }
    }

    /// Returns the orders with their weight gradients; nil if they cannot run or exceed the limit.
    mutating func filled(_ orders: [[Step]]) -> [[Step]]? {
        var rows = [[Step]](repeating: [], count: orders.count)
        let isFinished = run(orders) { rank, step, _ in rows[rank].append(step) }
        return isFinished ? rows : nil
    }

    /// Returns the orders with their weight gradients, and the end of the last action; nil if they cannot run or exceed
    /// the limit.
    mutating func completed(
        _ orders: [[Step]], timedBy loop: inout SimulationLoop
    ) -> (rows: [[Step]], makespan: Int64)? {
        guard let rows = filled(orders), let makespan = loop.makespan(of: rows) else { return nil }
        return (rows, makespan)
    }

    /// Runs the orders. Returns false if they cannot run or exceed the limit.
    ///
    /// - Parameters:
    ///   - offsets: The index of each rank's first step in `starts`.
    ///   - starts: Memory for the start of every step of the orders.
    mutating func run(_ orders: [[Step]], offsets: [Int], starts: inout [Int64]) -> Bool {
        run(orders) { rank, step, position in
            if let position { starts[offsets[rank] + position.index] = position.start }
        }
    }

    /// Runs the orders and returns whether that was possible within the limit.
    ///
    /// - Parameter ran: Called with each step, and with its index and start if the step is part of the orders.
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

    /// Returns whether the next weight gradient may run in a gap.
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
