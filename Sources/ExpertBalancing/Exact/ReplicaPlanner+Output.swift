extension ReplicaPlanner {
    /// Returns the plan of the present state: gives slots to the added replicas and lists the tokens of each slot.
    func output(_ layout: ReplicaLayout, limit: Int32, lowerBound: Int) -> ReplicaPlan {
        var fetches: [ReplicaFetch] = []
        var shares: [ReplicaShare] = []
        fetches.reserveCapacity(network.addedCount)
        shares.reserveCapacity(layout.expertCount + network.replicaEnd)
        // The position of each rank's next free slot.
        let next = network.queue.elements
        for rank in 0..<network.rankCount { next[rank] = layout.freeOffsets[rank] }
        for expert in 0..<layout.expertCount {
            let state = network.experts[expert]
            let first = shares.count
            if state.kept > 0 {
                shares.append(
                    ReplicaShare(expert: expert, slot: Int(layout.ownerSlots[expert]), tokens: Int(state.kept)))
            }
            var index = network.firstReplica(of: expert, above: -1)
            while index >= 0 {
                let replica = network.replicas[index]
                let rank = Int(replica.rank)
                var slot = 0
                if replica.isAdded {
                    slot = Int(layout.freeSlots[Int(next[rank])])
                    next[rank] += 1
                    fetches.append(
                        ReplicaFetch(expert: expert, fromRank: Int(state.owner), toRank: rank, slot: slot))
                } else {
                    slot = Int(layout.staticReplicas[index].slot)
                }
                if replica.tokens > 0 {
                    shares.append(ReplicaShare(expert: expert, slot: slot, tokens: Int(replica.tokens)))
                }
                index = network.firstReplica(of: expert, above: replica.rank)
            }
            if shares.count > first + 1 { Self.sortBySlot(&shares, from: first) }
        }
        return ReplicaPlan(
            fetches: fetches, shares: shares, rankTokens: (0..<network.rankCount).map { Int(network.ranks[$0].tokens) },
            tokenLimit: Int(limit),
            certificate: ReplicaCertificate(replicas: fetches.count, lowerBound: lowerBound))
    }

    /// Sorts the shares of one expert.
    private static func sortBySlot(_ shares: inout [ReplicaShare], from first: Int) {
        for position in first + 1..<shares.count {
            let share = shares[position]
            var hole = position
            while hole > first, shares[hole - 1].slot > share.slot {
                shares[hole] = shares[hole - 1]
                hole -= 1
            }
            shares[hole] = share
        }
    }
}
