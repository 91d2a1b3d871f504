/// The lower bound that the work of one rank sets.
struct RankBound {
    let count: Int
    let time: Double
    let work: Double

    init(
        stages: [(costs: StageCosts, microbatches: Int)], head: Double, start: Double, tail: Double, saving: Double,
        limit: Int?
    ) {
        let forwards = Self.sortedLengths(stages.map { (Double($0.costs.forward), $0.microbatches) })
        let backwards = Self.sortedLengths(stages.map { (Double($0.costs.backward), $0.microbatches) })
        // A pair may exclude its weight gradient, which then runs alone.
        let weights = stages.reduce(0) { $0 + Double($1.costs.weightGradient) * Double($1.microbatches) }
        let forwardSum = forwards.reduce(0, +)
        let backwardSum = backwards.reduce(0, +)
        let room = Double(limit ?? forwards.count)
        let headRoom = min(head - start, room * (forwards.last ?? 0))
        let tailRoom = min(tail, room * (backwards.last ?? 0))
        // The summed lengths of the `alone` shortest and of the `alone` longest actions.
        var least = (forward: 0.0, backward: 0.0)
        var most = least
        var middle = Double.infinity
        for alone in 0...forwards.count {
            if alone > 0 {
                least.forward += forwards[alone - 1]
                least.backward += backwards[alone - 1]
                most.forward += forwards[forwards.count - alone]
                most.backward += backwards[backwards.count - alone]
            }
            let forward = min(max(headRoom, least.forward), most.forward)
            let backward = min(max(tailRoom, least.backward), min(most.backward + weights, backwardSum))
            let paired = (1 - saving) * (forwardSum - forward + backwardSum - backward)
            middle = min(middle, paired + max(0, forward - headRoom) + max(0, backward - tailRoom))
        }
        count = forwards.count
        work = (1 - saving) * (forwardSum + backwardSum)
        let mixed = head + tail + middle
        // If memory allows it, all forwards may end before the first backward starts. Nothing is paired then.
        let separate = max(start + forwardSum + max(tail, backwardSum), head + backwardSum)
        time = limit.map { forwards.count > $0 } ?? false ? mixed : min(mixed, separate)
    }

    private static func sortedLengths(_ lengths: [(length: Double, count: Int)]) -> [Double] {
        lengths.flatMap { Array(repeating: $0.length, count: $0.count) }.sorted()
    }
}
