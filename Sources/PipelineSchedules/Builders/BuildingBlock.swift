/// A schedule that repeats the pattern of one micro-batch every six units of time on a V-shaped chain, with weight
/// gradients in the gaps.
///
/// The times at F = I = W = 1 give each rank its order of forwards and input gradients. All ranks follow one clock, so
/// the order cannot deadlock. A rank runs its oldest weight gradient if the input of its next action has not arrived,
/// or if that action would exceed the activation limit. The rows are built twice: once in this order, and once with
/// ranks that may swap their next two actions if only the input of the second has arrived. The shorter result is kept.
/// Source: Qi et al., "Pipeline Parallelism with Controllable Memory", 2024, which closes the gaps at the start and at
/// the end of the step in the same way.
struct BuildingBlock {
    let name: String
    let ranks: Int
    let microbatches: Int
    /// The maximum number of activations per rank, each of one micro-batch at one stage. A rank exceeds the limit only
    /// if it has no weight gradient to run.
    let activationLimit: Int

    private static let period = 6

    /// Returns the schedule in which rank r runs F of its first stage, F of its second, I of its second and I of its
    /// first at the times `offsets(r)`. Each further micro-batch follows six units later.
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

    /// Returns the rank's actions in the order of their times.
    private func order(ofRank rank: Int, offsets: [Int]) -> [Action] {
        let stages = [rank, 2 * ranks - 1 - rank, 2 * ranks - 1 - rank, rank]
        // The order within a period. Of two actions at the same time, that of the earlier micro-batch comes first.
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
