/// Runs the orders of a ``BuildingBlock`` in time units of one action. A rank that would otherwise idle or exceed the
/// activation limit runs a deferred weight gradient.
struct BlockFiller {
    private let activationLimit: Int
    /// Whether a rank may swap its next two actions if only the input of the second has arrived.
    private let overtakes: Bool
    private let links: [StageLinks]
    /// The time unit from which the results of each cell are available: two entries per cell, for its forward and for
    /// its input gradient.
    private var ends: [Int]
    private var time = 0

    init(_ layout: StageLayout, activationLimit: Int, overtakes: Bool) {
        self.activationLimit = activationLimit
        self.overtakes = overtakes
        links = StageLinks.all(layout)
        ends = Array(repeating: .max, count: 2 * layout.cellCount)
    }

    /// Returns the rows and their length in units.
    mutating func filled(_ orders: [[Action]]) -> (rows: [[Step]], length: Int) {
        var ranks = orders.map { RankState(order: $0) }
        // Each cell has a forward, an input gradient and a weight gradient.
        var left = 3 * ends.count / 2
        while left > 0 {
            for rank in ranks.indices where advance(&ranks[rank]) { left -= 1 }
            time += 1
        }
        return (ranks.map(\.steps), time)
    }

    /// Runs the next action of a rank. Returns false if the rank idles.
    private mutating func advance(_ rank: inout RankState) -> Bool {
        let position = rank.position
        guard position < rank.order.count else { return rank.runWeight() }
        if overtakes, position + 1 < rank.order.count, !hasArrived(rank.order[position]) {
            let (next, second) = (rank.order[position], rank.order[position + 1])
            let isFull = rank.live >= activationLimit && second.kind == .forward
            let isOther = next.stage != second.stage || next.kind != second.kind && next.microbatch != second.microbatch
            if isOther, !isFull, hasArrived(second) { rank.order.swapAt(position, position + 1) }
        }
        let next = rank.order[position]
        let prefersWeights = rank.live >= activationLimit && next.kind == .forward && rank.deferredCount > 0
        guard !prefersWeights, hasArrived(next) else { return rank.runWeight() }
        rank.run(next)
        ends[2 * (links[next.stage].cells + next.microbatch) + (next.kind == .forward ? 0 : 1)] = time + 1
        return true
    }

    @inline(__always) private func hasArrived(_ action: Action) -> Bool {
        let isForward = action.kind == .forward
        let cells = isForward ? links[action.stage].previousCells : links[action.stage].nextCells
        return cells < 0 || ends[2 * (cells + action.microbatch) + (isForward ? 0 : 1)] <= time
    }
}

/// The position of a rank in its order, with its activations and its deferred weight gradients.
private struct RankState {
    /// The forwards and input gradients in order. Those before `position` have run.
    var order: [Action]
    private(set) var steps: [Step] = []
    private(set) var position = 0
    private(set) var live = 0
    /// The number of deferred weight gradients.
    private(set) var deferredCount = 0
    /// A lower bound on the index in `order` of the input gradient whose weight gradient runs next.
    private var weightPosition = 0

    init(order: [Action]) {
        self.order = order
        steps.reserveCapacity(order.count * 3 / 2)
    }

    mutating func run(_ action: Action) {
        position += 1
        steps.append(Step(action))
        if action.kind == .forward { live += 1 } else { deferredCount += 1 }
    }

    /// Runs the oldest deferred weight gradient. Returns false if there is none.
    mutating func runWeight() -> Bool {
        guard deferredCount > 0 else { return false }
        while order[weightPosition].kind == .forward { weightPosition += 1 }
        steps.append(Step(order[weightPosition].with(.weightGradient)))
        weightPosition += 1
        deferredCount -= 1
        live -= 1
        return true
    }
}
