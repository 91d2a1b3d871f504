extension ReplicaPlanner {
    /// Lowers the tokens above the limit in a layer whose free slots are scarce: adds replicas, also on ranks that pass
    /// tokens on, and replaces replicas by others. Stops if no replacement helps. Returns the tokens that remain above the
    /// limit.
    mutating func repair(_ limit: Int32) -> Int32 {
        var excess = network.relieve(limit)
        while excess > 0 {
            if addOne(limit, except: nil) {
                excess = network.relieve(limit)
                continue
            }
            let lower = replaceOne(limit, excess)
            guard lower < excess else { return excess }
            excess = lower
        }
        return 0
    }

    /// Replaces one replica by others with which fewer tokens are above the limit. Returns these tokens, or `excess` if
    /// there is no such replacement.
    private mutating func replaceOne(_ limit: Int32, _ excess: Int32) -> Int32 {
        let count = network.addedCount
        orderByTokens()
        network.save(to: &outer)
        for position in 0..<count {
            let index = Int(order[position] & 0xFFFF_FFFF)
            let removed = network.replicas[index]
            network.remove(index)
            var remaining = network.relieve(limit)
            while remaining > 0, addOne(limit, except: removed) { remaining = network.relieve(limit) }
            if remaining < excess { return remaining }
            network.restore(outer)
        }
        return excess
    }
}
