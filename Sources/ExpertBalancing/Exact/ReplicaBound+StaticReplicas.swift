extension ReplicaBound {
    /// Returns the bound for a layer with static replicas, whose tokens above the limit have no path to a rank below it.
    ///
    /// The ranks that such tokens can reach hold experts that no other rank holds. Ranks that reach a common rank are one
    /// class, and a class must send at least as many replicas as it has experts that cover its surplus, the largest first.
    func countOfClasses(_ network: inout TokenNetwork, _ limit: Int32) -> Int {
        let ranks = network.rankCount
        for rank in 0..<ranks { classes[rank] = -1 }
        for source in 0..<ranks where network.ranks[source].tokens > limit && classes[source] < 0 {
            let mark = network.markReachable(from: source)
            let label = Int32(truncatingIfNeeded: source)
            for rank in 0..<ranks where network.rankMark[rank] == mark {
                let other = classes[rank]
                classes[rank] = label
                guard other >= 0, other != label else { continue }
                for joined in 0..<ranks where classes[joined] == other { classes[joined] = label }
            }
        }
        var replicas = 0
        for label in 0..<ranks where classes[label] >= 0 {
            replicas += need(ofClass: Int32(truncatingIfNeeded: label), network, limit)
        }
        return replicas
    }

    /// The fewest experts of a class that cover its surplus; 0 if no class has the label.
    private func need(ofClass label: Int32, _ network: borrowing TokenNetwork, _ limit: Int32) -> Int {
        var surplus = 0
        for rank in 0..<network.rankCount where classes[rank] == label {
            surplus += Int(network.ranks[rank].tokens - limit)
        }
        guard surplus > 0 else { return 0 }
        var count = 0
        for expert in 0..<network.expertCount {
            let state = network.experts[expert]
            var tokens = state.kept
            var isInside = tokens > 0 && classes[Int(state.owner)] == label
            var replica = state.firstReplica
            while replica >= 0 {
                let entry = network.replicas[Int(replica)]
                tokens += entry.tokens
                isInside = isInside || entry.tokens > 0 && classes[Int(entry.rank)] == label
                replica = entry.nextOfExpert
            }
            guard isInside else { continue }
            keys[count] = ReplicaConstruction.key(tokens, Int32(truncatingIfNeeded: expert))
            count += 1
        }
        UInt64Sorting.sortByUpperHalf(keys.elements, spare.elements, count)
        var need = 0
        while surplus > 0, need < count {
            surplus -= Int(ReplicaConstruction.tokens(keys[need]))
            need += 1
        }
        return need
    }
}
