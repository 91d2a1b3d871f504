/// Runs the orders of a ``BuildingBlock`` on a clock of units, on which every action takes one, and puts weight gradients
/// where ranks would idle or hold too much.
struct BlockFiller {
    private let activationLimit: Int
    /// Whether a rank runs the action after the next if that one alone has arrived and fits.
    private let overtakes: Bool

    init(activationLimit: Int, overtakes: Bool) {
        self.activationLimit = activationLimit
        self.overtakes = overtakes
    }

    /// The rows, and how many units they take.
    func filled(_ orders: [[Action]], _ layout: StageLayout) -> (rows: [[Step]], length: Int64) {
        var walk = ClockWalk(layout, rankCount: orders.count)
        var ranks = orders.map { RankState(order: $0) }
        while let (rank, time) = walk.next() {
            if let action = nextAction(&ranks[rank], walk, time) {
                walk.occupy(rank, until: time + 1)
                walk.finish(action, at: time + 1)
            } else if ranks[rank].position < orders[rank].count {
                walk.wait(rank, until: time + 1)
            }
        }
        return (ranks.map(\.steps), walk.free.max() ?? 0)
    }

    /// Chooses a rank's next action and appends it to the rank's row; nil if the rank idles.
    private func nextAction(_ rank: inout RankState, _ walk: borrowing ClockWalk, _ time: Int64) -> Action? {
        func hasArrived(_ action: Action) -> Bool {
            walk.arrival(action.kind, stage: action.stage, microbatch: action.microbatch) <= time
        }
        let position = rank.position
        if overtakes, position + 1 < rank.order.count, !hasArrived(rank.order[position]) {
            let (next, second) = (rank.order[position], rank.order[position + 1])
            let isFull = rank.live >= activationLimit && second.kind == .forward
            let isOther =
                next.stage != second.stage || next.kind != second.kind && next.microbatch != second.microbatch
            if isOther, !isFull, hasArrived(second) { rank.order.swapAt(position, position + 1) }
        }
        let next = position < rank.order.count ? rank.order[position] : nil
        let prefersWeights = rank.live >= activationLimit && next?.kind == .forward && rank.hasWeights
        if let next, !prefersWeights, hasArrived(next) {
            rank.runNext(next)
            return next
        }
        return rank.hasWeights ? rank.runWeight() : nil
    }
}

/// How far a rank has come, and what it holds.
private struct RankState {
    var order: [Action]
    private(set) var position = 0
    private(set) var live = 0
    private(set) var steps: [Step] = []
    /// Weight gradients that are put off, first in, first out; an array for the reason that ``RowBuilder`` gives.
    private var deferred: [Action] = []
    private var deferredHead = 0

    init(order: [Action]) {
        self.order = order
    }

    var hasWeights: Bool { deferredHead < deferred.count }

    mutating func runNext(_ action: Action) {
        position += 1
        steps.append(Step(action))
        if action.kind == .forward {
            live += 1
        } else {
            deferred.append(action.with(.weightGradient))
        }
    }

    mutating func runWeight() -> Action {
        let action = deferred[deferredHead]
        deferredHead += 1
        live -= 1
        steps.append(Step(action))
        return action
    }
}
