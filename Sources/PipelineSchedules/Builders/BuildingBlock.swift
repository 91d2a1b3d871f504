import DequeModule

/// Repeats one micro-batch's pattern every six units of time on a V-shaped chain, then puts the weight gradients where
/// ranks would idle.
///
/// The times at F = I = W = 1 give each rank its order of forwards and input gradients; since the order follows one
/// clock it cannot deadlock. Weight gradients go, first in, first out, where the next action has not arrived or would
/// exceed the activation limit. While the pipeline fills and drains, an action may also be run before the one in front
/// of it that has not arrived; the shorter result of both is taken. Source: Qi et al., "Pipeline Parallelism with
/// Controllable Memory", 2024, which closes the gaps of both ends likewise.
struct BuildingBlock {
    let name: String
    let ranks: Int
    let microbatches: Int
    /// The most activations of one stage that a rank may hold while it has a weight gradient to run instead.
    let activationLimit: Int

    private static let period = 6

    /// The schedule whose rank r runs F of its first stage, F of its second, I of its second and I of its first at
    /// `offsets(r)`, and so on every six units.
    func schedule(offsets: (_ rank: Int) -> [Int]) -> Schedule {
        let chain = Chain.wave(ranks: ranks, microbatches: microbatches, chunks: 2)
        let orders = (0..<ranks).map { order(ofRank: $0, offsets: offsets($0)) }
        let layout = StageLayout([chain])
        let plain = fillingWeights(orders, layout, overtakes: false)
        let overtaking = fillingWeights(orders, layout, overtakes: true)
        return Schedule(
            name: name, chains: [chain], rows: overtaking.length < plain.length ? overtaking.rows : plain.rows)
    }

    private func order(ofRank rank: Int, offsets: [Int]) -> [Action] {
        let stages = [rank, 2 * ranks - 1 - rank, 2 * ranks - 1 - rank, rank]
        var timed: [(time: Int, action: Action)] = []
        timed.reserveCapacity(4 * microbatches)
        for microbatch in 0..<microbatches {
            for index in 0..<4 {
                let action = Action(index < 2 ? .forward : .inputGradient, stage: stages[index], microbatch: microbatch)
                timed.append((offsets[index] + Self.period * microbatch, action))
            }
        }
        return timed.sorted { $0.time < $1.time }.map(\.action)
    }

    /// Runs the orders on a clock of units, on which every action takes one; also how many units that takes.
    ///
    /// - Parameter overtakes: Whether a rank runs the action after the next if that one alone has arrived and fits.
    private func fillingWeights(
        _ orders: [[Action]], _ layout: StageLayout, overtakes: Bool
    ) -> (rows: [[Step]], length: Int64) {
        var orders = orders
        var rows = [[Step]](repeating: [], count: ranks)
        var deferred = [Deque<Action>](repeating: [], count: ranks)
        var positions = [Int](repeating: 0, count: ranks)
        var live = positions
        var walk = ClockWalk(layout, rankCount: ranks)

        func hasArrived(_ action: Action, _ time: Int64) -> Bool {
            walk.arrival(action.kind, stage: action.stage, microbatch: action.microbatch) <= time
        }
        func overtakesNext(_ rank: Int, _ time: Int64) -> Bool {
            let position = positions[rank]
            guard position + 1 < orders[rank].count, !hasArrived(orders[rank][position], time) else { return false }
            let (next, second) = (orders[rank][position], orders[rank][position + 1])
            let isFull = live[rank] >= activationLimit && second.kind == .forward
            let isOther =
                next.stage != second.stage || next.kind != second.kind && next.microbatch != second.microbatch
            return isOther && !isFull && hasArrived(second, time)
        }
        while let (rank, time) = walk.next() {
            let position = positions[rank]
            if overtakes, overtakesNext(rank, time) { orders[rank].swapAt(position, position + 1) }
            let next = position < orders[rank].count ? orders[rank][position] : nil
            let prefersWeights = live[rank] >= activationLimit && next?.kind == .forward && !deferred[rank].isEmpty
            let action: Action
            if let next, !prefersWeights, hasArrived(next, time) {
                action = next
                positions[rank] += 1
            } else if let weight = deferred[rank].popFirst() {
                action = weight
            } else {
                if next != nil { walk.wait(rank, until: time + 1) }
                continue
            }
            rows[rank].append(Step(action))
            walk.occupy(rank, until: time + 1)
            walk.finish(action, at: time + 1)
            switch action.kind {
            case .forward: live[rank] += 1
            case .weightGradient: live[rank] -= 1
            default: deferred[rank].append(action.with(.weightGradient))
            }
        }
        return (rows, walk.free.max() ?? 0)
    }
}
