extension ReplicaPlanner {
    /// The most exchanges that are tried per plan.
    private static let exchangeLimit = 0

    /// Removes replicas as long as no rank exceeds the limit, by itself or with the exchange of another replica, until
    /// `lowerBound` is reached or the exchanges are used up.
    mutating func improve(_ limit: Int32, _ lowerBound: Int) {
        var exchanges = Self.exchangeLimit
        while network.addedCount > lowerBound {
            orderByTokens()
            guard removeOne(limit) || exchangeTwo(limit, &exchanges) else { return }
        }
    }

    /// Lists the added replicas, those with the fewest tokens first.
    func orderByTokens() {
        var count = 0
        for index in 0..<network.replicaEnd where network.replicas[index].isAdded {
            let key = UInt64(UInt32(bitPattern: network.replicas[index].tokens)) << 32 | UInt64(index)
            var hole = count
            while hole > 0, order[hole - 1] > key {
                order[hole] = order[hole - 1]
                hole -= 1
            }
            order[hole] = key
            count += 1
        }
    }

    /// Removes the first replica whose tokens fit elsewhere. Returns false if there is none.
    private mutating func removeOne(_ limit: Int32) -> Bool {
        let count = network.addedCount
        network.save(to: &outer)
        for position in 0..<count {
            network.remove(Int(order[position] & 0xFFFF_FFFF))
            if network.relieve(limit) == 0 { return true }
            network.restore(outer)
        }
        return false
    }

    /// Replaces two replicas by one. Returns false if no pair is found.
    private mutating func exchangeTwo(_ limit: Int32, _ exchanges: inout Int) -> Bool {
        let count = network.addedCount
        for first in 0..<count {
            network.save(to: &outer)
            network.remove(Int(order[first] & 0xFFFF_FFFF))
            network.relieve(limit)
            network.save(to: &inner)
            for second in 0..<count where second != first {
                if exchanges == 0 { break }
                exchanges -= 1
                network.remove(Int(order[second] & 0xFFFF_FFFF))
                if network.relieve(limit) == 0 || (addOne(limit, except: nil) && network.relieve(limit) == 0) {
                    return true
                }
                network.restore(inner)
            }
            network.restore(outer)
            if exchanges == 0 { return false }
        }
        return false
    }

    /// Adds a replica from the ranks that tokens above the limit can reach to a rank whose tokens can move below it: of the
    /// expert with the most tokens, to the rank with the most room. Returns false if there is none.
    mutating func addOne(_ limit: Int32, except excluded: TokenNetwork.Replica?) -> Bool {
        let reachable = network.markReachable(limit)
        var expert: Int32 = -1
        var tokens: Int32 = 0
        for source in 0..<construction.sourceCount
        where network.rankMark[Int(construction.startSources[source].rank)] == reachable {
            let start = Int(construction.startSources[source].start)
            for key in start..<start + Int(construction.startSources[source].count) {
                // Keys descend by the tokens at the start, which an expert cannot exceed.
                let candidate = ReplicaConstruction.expert(construction.startKeys[key])
                if ReplicaConstruction.tokens(construction.startKeys[key]) <= tokens { break }
                if network.experts[Int(candidate)].kept > tokens {
                    expert = candidate
                    tokens = network.experts[Int(candidate)].kept
                }
            }
        }
        guard expert >= 0 else { return false }
        let relievable = network.markRelievable(limit)
        var receiver: Int32 = -1
        var room: Int32 = -1
        for rank in 0..<network.rankCount
        where network.rankMark[rank] == relievable && network.ranks[rank].freeSlots > 0 {
            let index = Int32(truncatingIfNeeded: rank)
            if let excluded, excluded.rank == index, excluded.expert == expert { continue }
            if limit - network.ranks[rank].tokens > room, !network.holds(index, Int(expert)) {
                receiver = index
                room = limit - network.ranks[rank].tokens
            }
        }
        guard receiver >= 0 else { return false }
        network.add(expert, to: receiver)
        return true
    }
}
