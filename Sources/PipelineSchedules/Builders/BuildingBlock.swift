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
        let results = [false, true].map { overtakes in
            var filler = BlockFiller(layout, activationLimit: activationLimit, overtakes: overtakes)
            return filler.filled(orders)
        }
        let rows = results[1].length < results[0].length ? results[1].rows : results[0].rows
        return Schedule(name: name, chains: [chain], rows: rows)
    }

    /// The rank's actions in the order of their times.
    private func order(ofRank rank: Int, offsets: [Int]) -> [Action] {
        let stages = [rank, 2 * ranks - 1 - rank, 2 * ranks - 1 - rank, rank]
        // Within a period; of two at one time the earlier micro-batch's comes first.
        let indices = offsets.indices.sorted {
            (offsets[$0] % Self.period, -offsets[$0]) < (offsets[$1] % Self.period, -offsets[$1])
        }
        var actions: [Action] = []
        actions.reserveCapacity(4 * microbatches)
        for period in 0...microbatches + (offsets.max() ?? 0) / Self.period {
            for index in indices {
                let microbatch = period - offsets[index] / Self.period
                guard (0..<microbatches).contains(microbatch) else { continue }
                let kind: ActionKind = index < 2 ? .forward : .inputGradient
                actions.append(Action(kind, stage: stages[index], microbatch: microbatch))
            }
        }
        return actions
    }
}
