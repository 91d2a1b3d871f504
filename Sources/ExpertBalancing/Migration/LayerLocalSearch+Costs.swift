/// The two costs of a move: copies, or remote load.
extension LayerLocalSearch {
    /// The excess removed per cost. A move that saves copies or remote load is worth more than one that costs little.
    @inline(__always) func value(_ gain: Double, _ cost: Double) -> Double {
        if hasHomeNodes { return cost > 0.02 ? gain / cost : gain * (51 - 50 * cost) }
        return cost > 0 ? gain / cost : gain * (4 - 2 * cost)
    }

    @inline(__always) private func costOfHolding(_ device: Int, _ expert: Int) -> Double {
        held[device * experts + expert] & 2 == 0 ? 1 : 0
    }

    @inline(__always)
    private func isRemote(_ device: Int, _ expert: Int) -> Bool { nodeOfDevice[device] != homeNodeOfExpert[expert] }

    @inline(__always) private func remoteCount(_ expert: Int) -> Double {
        var count = 0.0
        var cursor = firstSlot[expert]
        while cursor >= 0 {
            if isRemote(Int(deviceOfSlot[Int(cursor)]), expert) { count += 1 }
            cursor = nextSlot[Int(cursor)]
        }
        return count
    }

    @inline(__always) func costOfReplacing(_ host: Int, _ given: Int, _ expert: Int) -> Double {
        guard hasHomeNodes else { return costOfHolding(host, expert) - costOfHolding(host, given) }
        let less = remoteCount(given)
        let more = remoteCount(expert)
        let lessAfter = weights[given] / Double(replicas[given] - 1) * (less - (isRemote(host, given) ? 1 : 0))
        let moreAfter = weights[expert] / Double(replicas[expert] + 1) * (more + (isRemote(host, expert) ? 1 : 0))
        return (lessAfter - shares[given] * less + moreAfter - shares[expert] * more) / mean
    }

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
