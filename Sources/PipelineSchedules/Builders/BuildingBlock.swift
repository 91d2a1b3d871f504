/// Repeats one micro-batch's pattern every six units of time on a V-shaped chain, then puts the weight gradients where
/// ranks would idle.
///
/// The times at F = I = W = 1 give each rank its order of forwards and input gradients; since the order follows one
/// clock it cannot deadlock. Weight gradients go, first in, first out, where the next action has not arrived or would
/// exceed the activation limit. While the pipeline fills and drains, an action may also be run before the one in front
/// of it that has not arrived; the shorter of both ways is taken. Source: Qi et al., "Pipeline Parallelism with
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

    /// Runs the orders on a clock of units, all ranks at once; also how many units that takes.
    ///
    /// - Parameter overtakes: Whether a rank runs the action after the next where that one alone has arrived and fits.
    private func fillingWeights(
        _ orders: [[Action]], _ layout: StageLayout, overtakes: Bool
    ) -> (rows: [[Step]], length: Int) {
        var orders = orders
        var rows = [[Step]](repeating: [], count: ranks)
        var deferred = [[Action]](repeating: [], count: ranks)
        var positions = [Int](repeating: 0, count: ranks)
        var weights = [Int](repeating: 0, count: ranks)
        var live = [Int](repeating: 0, count: ranks)
        var forwardEnds = [Int](repeating: .max, count: layout.cellCount)
        var backwardEnds = forwardEnds
        var unfinished = ranks
        var time = 0

        func hasArrived(_ action: Action) -> Bool {
            let isForward = action.kind == .forward
            let source = isForward ? layout.previous[action.stage] : layout.next[action.stage]
            guard source >= 0 else { return true }
            return (isForward ? forwardEnds : backwardEnds)[layout.cellOffsets[source] + action.microbatch] <= time
        }
        while unfinished > 0 {
            for rank in 0..<ranks where rows[rank].count < 6 * microbatches {
                let position = positions[rank]
                if overtakes, position + 1 < orders[rank].count, !hasArrived(orders[rank][position]) {
                    let (next, second) = (orders[rank][position], orders[rank][position + 1])
                    let isFull = live[rank] >= activationLimit && second.kind == .forward
                    let isOther =
                        next.stage != second.stage || next.kind != second.kind && next.microbatch != second.microbatch
                    if isOther, !isFull, hasArrived(second) { orders[rank].swapAt(position, position + 1) }
                }
                let next = position < orders[rank].count ? orders[rank][position] : nil
                let hasWeights = weights[rank] < deferred[rank].count
                let isFull = live[rank] >= activationLimit && next?.kind == .forward
                if let next, hasArrived(next), !(isFull && hasWeights) {
                    rows[rank].append(Step(next))
                    positions[rank] += 1
                    if next.kind == .forward {
                        forwardEnds[layout.cell(next)] = time + 1
                        live[rank] += 1
                    } else {
                        backwardEnds[layout.cell(next)] = time + 1
                        deferred[rank].append(next.with(.weightGradient))
                    }
                } else if hasWeights {
                    rows[rank].append(Step(deferred[rank][weights[rank]]))
                    weights[rank] += 1
                    live[rank] -= 1
                }
                if rows[rank].count == 6 * microbatches { unfinished -= 1 }
            }
            time += 1
        }
        return (rows, time)
    }
}
