/// The cost of a move: its copies, or its remote load if home nodes are given.
extension LayerLocalSearch {
    /// Returns the excess removed per cost. A linear formula replaces the quotient for small and negative costs, so
    /// that a move that saves copies or remote load is worth more than a move that costs little.
    @inline(__always) func value(_ gain: Double, _ cost: Double) -> Double {
        if hasHomeNodes { return cost > 0.02 ? gain / cost : gain * (51 - 50 * cost) }
        return cost > 0 ? gain / cost : gain * (4 - 2 * cost)
    }

    /// Returns 0 if the device held the expert at the beginning, else 1.
    @inline(__always) private func costOfHolding(_ device: Int, _ expert: Int) -> Double {
        held[device * experts + expert] & 2 == 0 ? 1 : 0
    }

    /// Whether a search without remote load may place the expert on the device.
    @inline(__always) func mayHold(_ device: Int, _ expert: Int) -> Bool { !staysAtHome || !isRemote(device, expert) }

    @inline(__always)
    private func isRemote(_ device: Int, _ expert: Int) -> Bool { nodeOfDevice[device] != homeNodeOfExpert[expert] }

    /// Returns the number of the expert's replicas outside its home node.
    @inline(__always) private func remoteCount(_ expert: Int) -> Double {
        var count = 0.0
        var cursor = firstSlot[expert]
        while cursor >= 0 {
            if isRemote(Int(deviceOfSlot[Int(cursor)]), expert) { count += 1 }
            cursor = nextSlot[Int(cursor)]
        }
        return count
    }

    /// Returns the cost of giving a slot of `host` from the expert `given` to `expert`.
    @inline(__always) func costOfReplacing(_ host: Int, _ given: Int, _ expert: Int) -> Double {
        guard hasHomeNodes else { return costOfHolding(host, expert) - costOfHolding(host, given) }
        let less = remoteCount(given)
        let more = remoteCount(expert)
        let lessAfter = weights[given] / Double(replicas[given] - 1) * (less - (isRemote(host, given) ? 1 : 0))
        let moreAfter = weights[expert] / Double(replicas[expert] + 1) * (more + (isRemote(host, expert) ? 1 : 0))
        return (lessAfter - shares[given] * less + moreAfter - shares[expert] * more) / mean
    }

    /// Returns the cost of swapping the expert `mine` on `device` and the expert `theirs` on `partner`.
    @inline(__always) func costOfSwapping(_ device: Int, _ mine: Int, _ partner: Int, _ theirs: Int) -> Double {
        guard hasHomeNodes else {
            return costOfHolding(partner, mine) + costOfHolding(device, theirs) - costOfHolding(partner, theirs)
                - costOfHolding(device, mine)
        }
        var change = 0.0
        if isRemote(partner, mine) { change += shares[mine] }
        if isRemote(device, mine) { change -= shares[mine] }
        if isRemote(device, theirs) { change += shares[theirs] }
        if isRemote(partner, theirs) { change -= shares[theirs] }
        return change / mean
    }
}
