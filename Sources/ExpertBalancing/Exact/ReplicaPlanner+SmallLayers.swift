extension ReplicaPlanner {
    /// The most steps of the search of a small layer.
    private static let stepLimit = 2_000

    /// Searches a small layer for a lower maximum, for fewer replicas, and for as many of which one rank sends fewer, in
    /// this order. Raises `lowerBound` if the search proves it.
    mutating func searchIfSmall(_ loads: [Int32], _ limit: Int32, _ maximum: Int32, _ lowerBound: inout Int) {
        guard maximum > limit || lowerBound < network.addedCount || network.largestSent > 1 else { return }
        network.save(to: &best)
        network.restore(start)
        let isSmall = smallSearch.prepare(network, loads, Self.stepLimit)
        network.restore(best)
        if isSmall {
            let maximum = lowerMaximumBySearch(limit, maximum)
            if lowerCountBySearch(maximum, &lowerBound) { lowerSentBySearch(maximum) }
        }
    }

    private mutating func lowerMaximumBySearch(_ limit: Int32, _ maximum: Int32) -> Int32 {
        var low = limit
        var maximum = maximum
        while low < maximum {
            let middle = low + (maximum - low) / 2
            switch smallSearch.find(limit: middle, count: network.replicaCapacity, sentLimit: .max) {
            case .found:
                maximum = max(limit, Int32(truncatingIfNeeded: smallSearch.largestTokens))
                takeFound(maximum)
            case .none: low = middle + 1
            case .undecided: return maximum
            }
        }
        return maximum
    }

    /// Returns whether the number of replicas is proved to be the least.
    private mutating func lowerCountBySearch(_ maximum: Int32, _ lowerBound: inout Int) -> Bool {
        while lowerBound < network.addedCount {
            switch smallSearch.find(limit: maximum, count: lowerBound, sentLimit: .max) {
            case .found: takeFound(maximum)
            case .none: lowerBound += 1
            case .undecided: return false
            }
        }
        return true
    }

    private mutating func lowerSentBySearch(_ maximum: Int32) {
        let count = network.addedCount
        var sent: Int32 = 1
        while sent < network.largestSent {
            switch smallSearch.find(limit: maximum, count: count, sentLimit: sent) {
            case .found: takeFound(maximum)
            case .none: sent += 1
            case .undecided: return
            }
        }
    }

    /// Replaces the added replicas by those of the search.
    private mutating func takeFound(_ limit: Int32) {
        network.restore(start)
        for index in 0..<smallSearch.chosenCount {
            let added = smallSearch.added(index)
            network.add(added.expert, to: added.rank)
        }
        network.relieve(limit)
    }
}
