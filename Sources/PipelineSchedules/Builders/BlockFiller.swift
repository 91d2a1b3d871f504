/// Runs the orders of a ``BuildingBlock`` on a clock of units, on which every action takes one, and puts weight gradients
/// where ranks would idle or hold too much.
struct BlockFiller {
    private struct RankState {
        var order: [Action]
        var position = 0
        var live = 0
        var steps: [Step] = []
        /// Weight gradients that are put off, first in, first out.
        var deferred: [Action] = []
        var deferredHead = 0
    }

    private let activationLimit: Int
    private let overtakes: Bool
    private var walk: ClockWalk
    private var ranks: [RankState]

    /// The rows, and how many units they take.
    ///
    /// - Parameter overtakes: Whether a rank runs the action after the next if that one alone has arrived and fits.
    static func filled(
        _ orders: [[Action]], _ layout: StageLayout, activationLimit: Int, overtakes: Bool
    ) -> (rows: [[Step]], length: Int64) {
        var filler = BlockFiller(
            activationLimit: activationLimit, overtakes: overtakes, walk: ClockWalk(layout, rankCount: orders.count),
            ranks: orders.map { RankState(order: $0) })
        while let (rank, time) = filler.walk.next() { filler.advance(rank, time) }
        return (filler.ranks.map(\.steps), filler.walk.free.max() ?? 0)
    }

    private mutating func advance(_ rank: Int, _ time: Int64) {
        let position = ranks[rank].position
        if overtakes, overtakesNext(rank, time) { ranks[rank].order.swapAt(position, position + 1) }
        let next = position < ranks[rank].order.count ? ranks[rank].order[position] : nil
        let hasWeights = ranks[rank].deferredHead < ranks[rank].deferred.count
        let isFull = ranks[rank].live >= activationLimit && next?.kind == .forward
        if let next, hasArrived(next, time), !(isFull && hasWeights) {
            ranks[rank].position += 1
            run(next, rank, time)
        } else if hasWeights {
            ranks[rank].deferredHead += 1
            run(ranks[rank].deferred[ranks[rank].deferredHead - 1], rank, time)
        } else if next != nil {
            walk.wait(rank, until: time + 1)
        }
    }

    private func overtakesNext(_ rank: Int, _ time: Int64) -> Bool {
        let (order, position) = (ranks[rank].order, ranks[rank].position)
        guard position + 1 < order.count, !hasArrived(order[position], time) else { return false }
        let (next, second) = (order[position], order[position + 1])
        let isFull = ranks[rank].live >= activationLimit && second.kind == .forward
        let isOther = next.stage != second.stage || next.kind != second.kind && next.microbatch != second.microbatch
        return isOther && !isFull && hasArrived(second, time)
    }

    private func hasArrived(_ action: Action, _ time: Int64) -> Bool {
        walk.arrival(action.kind, stage: action.stage, microbatch: action.microbatch) <= time
    }

    private mutating func run(_ action: Action, _ rank: Int, _ time: Int64) {
        ranks[rank].steps.append(Step(action))
        walk.occupy(rank, until: time + 1)
        walk.finish(action, at: time + 1)
        switch action.kind {
        case .forward: ranks[rank].live += 1
        case .weightGradient: ranks[rank].live -= 1
        default: ranks[rank].deferred.append(action.with(.weightGradient))
        }
    }
}
