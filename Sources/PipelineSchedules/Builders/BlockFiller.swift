/// Runs the orders of a ``BuildingBlock`` unit by unit, each one action long, and puts weight gradients where ranks
/// would idle or hold too much.
struct BlockFiller {
    private let activationLimit: Int
    /// Whether a rank runs the action after the next if that one alone has arrived and fits.
    private let overtakes: Bool
    private let links: [StageLinks]
    /// The unit from which on each cell's forward, and behind it its input gradient, are there.
    private var ends: [Int]
    private var time = 0

    init(_ layout: StageLayout, activationLimit: Int, overtakes: Bool) {
        self.activationLimit = activationLimit
        self.overtakes = overtakes
        links = StageLinks.all(layout)
        ends = Array(repeating: .max, count: 2 * layout.cellCount)
    }

    /// The rows, and how many units they take.
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

    /// Runs a rank's next action; false if the rank idles.
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

/// How far a rank has come, and what it holds.
private struct RankState {
    /// Forwards and input gradients; those before `position` have run.
    var order: [Action]
    private(set) var steps: [Step] = []
    private(set) var position = 0
    private(set) var live = 0
    /// How many weight gradients are put off, and where in `order` the input gradient of the next lies at the earliest.
    private(set) var deferredCount = 0
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

    /// Runs the weight gradient that was put off first; false if none was.
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
