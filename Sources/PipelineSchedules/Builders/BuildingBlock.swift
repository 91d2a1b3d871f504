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
        let plain = BlockFiller(activationLimit: activationLimit, overtakes: false).filled(orders, layout)
        let overtaking = BlockFiller(activationLimit: activationLimit, overtakes: true).filled(orders, layout)
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
}
