/// The moves that the search considers, and their gains.
extension LayerLocalSearch {
    /// Returns the excess of a device over the target, plus a small quadratic term that prefers even loads.
    @inline(__always) private func penalty(_ device: Int, _ load: Double) -> Double {
        let time = load * inverseSpeed[device]
        return max(0, time - target) + softness * time * time
    }

    /// Considers slots of other devices for a further replica of one of the device's experts.
    func considerAddedReplicas(_ device: Int, _ best: inout Move) {
        for slot in 0..<slotCount {
            let given = Int(expertAt[slot])
            let host = Int(deviceOfSlot[slot])
            guard replicas[given] > 1, host != device else { continue }
            for own in Int(offsets[device])..<Int(offsets[device + 1]) {
                consider(slot, host, given, Int(expertAt[own]), &best)
            }
        }
    }

    /// Considers any expert for each slot of the device whose present expert has other replicas.
    func considerReplacedReplicas(_ device: Int, _ best: inout Move) {
        for slot in Int(offsets[device])..<Int(offsets[device + 1]) {
            let given = Int(expertAt[slot])
            guard replicas[given] > 1 else { continue }
            for expert in 0..<experts { consider(slot, device, given, expert, &best) }
        }
    }

    @inline(__always)
    private func consider(_ slot: Int, _ host: Int, _ given: Int, _ expert: Int, _ best: inout Move) {
        guard expert != given, held[host * experts + expert] & 1 == 0, mayHold(host, expert) else { return }
        let gain = gain(slot, host, given, expert)
        guard gain > 0 else { return }
        let cost = costOfReplacing(host, given, expert)
        let value = value(gain, cost)
        if value > best.value { best = Move(value: value, cost: cost, slot: slot, other: -1, expert: expert) }
    }

    /// Returns the excess removed if a slot of `host` goes from the expert `given` to `expert`.
    private func gain(_ slot: Int, _ host: Int, _ given: Int, _ expert: Int) -> Double {
        let newShare = weights[expert] / Double(replicas[expert] + 1)
        let fall = newShare - shares[expert]
        let rise = weights[given] / Double(replicas[given] - 1) - shares[given]
        var count = 1
        touched[0] = Int32(truncatingIfNeeded: host)
        isTouched[host] = true
        deltas[host] = newShare - shares[given]
        var cursor = firstSlot[expert]
        while cursor >= 0 {
            let device = deviceOfSlot[Int(cursor)]
            touch(device, &count)
            deltas[Int(device)] += fall
            cursor = nextSlot[Int(cursor)]
        }
        cursor = firstSlot[given]
        while cursor >= 0 {
            if Int(cursor) != slot {
                let device = deviceOfSlot[Int(cursor)]
                touch(device, &count)
                deltas[Int(device)] += rise
            }
            cursor = nextSlot[Int(cursor)]
        }
        var result = 0.0
        for index in 0..<count {
            let device = Int(touched[index])
            result += penalty(device, loads[device]) - penalty(device, loads[device] + deltas[device])
            deltas[device] = 0
            isTouched[device] = false
        }
        return result
    }

    @inline(__always) private func touch(_ device: Int32, _ count: inout Int) {
        if isTouched[Int(device)] { return }
        isTouched[Int(device)] = true
        touched[count] = device
        count += 1
    }

    /// Considers swaps of the device's experts with lighter experts of other devices.
    func considerSwaps(_ device: Int, _ best: inout Move) {
        let load = loads[device]
        let before = penalty(device, load)
        for own in Int(offsets[device])..<Int(offsets[device + 1]) {
            let mine = Int(expertAt[own])
            for other in 0..<slotCount {
                let theirs = Int(expertAt[other])
                let shift = shares[mine] - shares[theirs]
                guard shift > 0 else { continue }
                let partner = Int(deviceOfSlot[other])
                let gain =
                    before - penalty(device, load - shift) + penalty(partner, loads[partner])
                    - penalty(partner, loads[partner] + shift)
                guard gain > 0, held[partner * experts + mine] & 1 == 0, held[device * experts + theirs] & 1 == 0,
                    mayHold(partner, mine), mayHold(device, theirs)
                else { continue }
                let cost = costOfSwapping(device, mine, partner, theirs)
                let value = value(gain, cost)
                if value > best.value { best = Move(value: value, cost: cost, slot: own, other: other, expert: -1) }
            }
        }
    }
}
