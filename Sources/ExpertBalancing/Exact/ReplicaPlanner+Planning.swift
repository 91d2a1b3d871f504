extension ReplicaPlanner {
    /// The rules of construction, in the order of the tries.
    private static let rules: [ReplicaConstruction.Rule] = {
        var rules = [
            ReplicaConstruction.Rule(groupSize: 4),
            ReplicaConstruction.Rule(),
            ReplicaConstruction.Rule(isByNeed: true),
            ReplicaConstruction.Rule(fillsReceivers: false),
            ReplicaConstruction.Rule(isByNeed: true, isBestFit: false),
            ReplicaConstruction.Rule(isBestFit: false),
            ReplicaConstruction.Rule(isBestFit: false, fillsReceivers: false),
        ]
        for seed: UInt64 in 1...8 {
            rules.append(
                ReplicaConstruction.Rule(
                    groupSize: seed & 4 == 0 ? 3 : 1, isByNeed: seed & 1 == 1, isBestFit: seed & 2 == 0, seed: seed))
        }
        return rules
    }()

    /// Adds replicas to the network that bring all ranks to the limit, or else to the least maximum found. Returns a lower
    /// bound on the number of replicas.
    mutating func planReplicas(_ loads: [Int32], _ limit: Int32, _ hasStatic: Bool) -> Int {
        var reached = limit
        var lowerBound = addReplicas(limit, hasStatic)
        if network.excess(over: limit) > 0 {
            lowerBound = lowerMaximum(&reached, hasStatic)
        } else {
            improve(limit, lowerBound)
        }
        searchIfSmall(loads, limit, reached, &lowerBound)
        return lowerBound
    }

    /// Adds the replicas of the best construction for a limit to the start. Returns a lower bound on their number.
    private mutating func addReplicas(_ limit: Int32, _ hasStatic: Bool) -> Int {
        let lowest = prepare(limit, hasStatic)
        var bestUnmet = Int32.max
        var bestCount = 0
        var bestSent: Int32 = 0
        for rule in Self.rules {
            construction.construct(rule)
            let sent = construction.largestSent
            guard
                (construction.unmet, construction.addedCount, sent) < (bestUnmet, bestCount, bestSent)
            else { continue }
            bestUnmet = construction.unmet
            bestCount = construction.addedCount
            bestSent = sent
            for index in 0..<bestCount { bestAdded[index] = construction.added[index] }
            if bestUnmet == 0, bestCount == lowest.replicas, Int(bestSent) == lowest.sent { break }
        }
        // A construction does not know the static replicas of a receiver.
        for index in 0..<bestCount where !network.holds(bestAdded[index].rank, Int(bestAdded[index].expert)) {
            network.add(bestAdded[index].expert, to: bestAdded[index].rank)
        }
        _ = repair(limit)
        return lowest.replicas
    }

    /// Searches the least maximum that the free slots allow, from the present state, which exceeds `reached`. Sets
    /// `reached` to the maximum found. Returns a lower bound on the number of replicas for it.
    private mutating func lowerMaximum(_ reached: inout Int32, _ hasStatic: Bool) -> Int {
        var low = reached
        reached = network.level(low)
        network.save(to: &best)
        while low < reached {
            let limit = low + (reached - low) / 2
            _ = addReplicas(limit, hasStatic)
            let maximum = network.level(limit)
            if maximum < reached {
                reached = maximum
                network.save(to: &best)
            }
            if maximum > limit { low = limit + 1 }
        }
        let lowest = prepare(reached, hasStatic)
        network.restore(best)
        return lowest.replicas
    }

    /// Prepares constructions from the start. Returns lower bounds on the number of replicas and on those that one rank
    /// sends.
    private mutating func prepare(_ limit: Int32, _ hasStatic: Bool) -> (replicas: Int, sent: Int) {
        network.restore(start)
        construction.prepare(network, limit)
        return hasStatic ? (bound.countOfClasses(&network, limit), 1) : bound.count(construction)
    }
}
