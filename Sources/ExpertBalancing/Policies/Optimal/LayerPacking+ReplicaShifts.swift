extension LayerPacking {
    /// Lowers the longest time further than exchanges alone. A slot of an expert with other replicas goes to an expert
    /// of the device with the longest time, and exchanges follow. A change that does not help is undone.
    ///
    /// - Parameter tries: The largest number of changes to try.
    func shiftReplicas(target: Double, tries: Int) {
        var left = tries
        var best = longestTime()
        while best > target, left > 0 {
            var candidates = bestShifts()
            var hasImproved = false
            keep()
            while left > 0, let shift = candidates.popFirst() {
                left -= 1
                shiftReplica(slot: shift.slot, to: shift.expert)
                exchange(target: target, limit: 24)
                let time = longestTime()
                if time < best * (1 - 1e-9) {
                    best = time
                    hasImproved = true
                    break
                }
                restore()
            }
            if !hasImproved { return }
        }
    }

    /// The four most promising changes, the best first.
    private struct Shifts {
        private var list: (Shift, Shift, Shift, Shift) = (Shift(), Shift(), Shift(), Shift())

        /// Whether a change with this value is better than the last change in the list.
        func admits(_ value: Double) -> Bool { value < list.3.value }

        mutating func insert(_ shift: Shift) {
            list.3 = shift
            if list.3.value < list.2.value { swap(&list.2, &list.3) }
            if list.2.value < list.1.value { swap(&list.1, &list.2) }
            if list.1.value < list.0.value { swap(&list.0, &list.1) }
        }

        mutating func popFirst() -> Shift? {
            guard list.0.slot >= 0 else { return nil }
            defer { list = (list.1, list.2, list.3, Shift()) }
            return list.0
        }
    }

    /// A change that gives a slot to an expert. The value is the longest time of the devices that it affects.
    private struct Shift {
        var value = Double.infinity
        var slot = -1
        var expert = -1
    }

    /// Returns the best changes that give a slot of another device to an expert of the device with the longest time.
    /// Changes are compared by the longest time of the devices that they affect.
    private func bestShifts() -> Shifts {
        let device = Int(longestOf[1])
        markRisingTimes()
        var result = Shifts()
        for ownSlot in Int(offsets[device])..<Int(offsets[device + 1]) {
            let item = Int(slots[ownSlot])
            let expert = Int(itemExpert[item])
            guard Int(replicas[expert]) < devices else { continue }
            let share = weights[expert] / Double(replicas[expert] + 1)
            let ownLoad = loads[device] - itemShare[item] + share
            for slot in 0..<slotCount {
                let given = Int(itemExpert[Int(slots[slot])])
                let host = Int(deviceOfSlot[slot])
                guard replicas[given] > 1, given != expert, host != device else { continue }
                let hostTime = (loads[host] - shares[given] + share) * inverseSpeed[host]
                let others = max(hostTime, risingTime[given])
                guard result.admits(others) else { continue }
                var own = ownLoad
                if holds(device, Int32(truncatingIfNeeded: given)) {
                    own += weights[given] / Double(replicas[given] - 1) - shares[given]
                }
                let value = max(own * inverseSpeed[device], others)
                if result.admits(value), allowsDuplicates || !holds(host, Int32(truncatingIfNeeded: expert)) {
                    result.insert(Shift(value: value, slot: slot, expert: expert))
                }
            }
        }
        return result
    }

    /// Computes, for each expert with several replicas, the longest time of its devices after the loss of one replica.
    private func markRisingTimes() {
        for expert in 0..<experts { risingTime[expert] = 0 }
        for item in 0..<slotCount {
            let expert = Int(itemExpert[item])
            guard replicas[expert] > 1 else { continue }
            let device = Int(itemDevice[item])
            let rise = weights[expert] / Double(replicas[expert] - 1) - shares[expert]
            risingTime[expert] = max(risingTime[expert], (loads[device] + rise) * inverseSpeed[device])
        }
    }

    /// Gives a slot to another expert and lists the replicas again.
    private func shiftReplica(slot: Int, to expert: Int) {
        let given = Int(itemExpert[Int(slots[slot])])
        replicas[given] -= 1
        replicas[expert] += 1
        shares[given] = weights[given] / Double(replicas[given])
        shares[expert] = weights[expert] / Double(replicas[expert])
        for item in 0..<slotCount { spare[Int(itemSlot[item])] = UInt64(itemExpert[item]) }
        spare[slot] = UInt64(expert)
        relist { Int(truncatingIfNeeded: spare[$0]) }
    }

    /// Saves the packing for ``restore()``.
    private func keep() {
        for item in 0..<slotCount { keptExpert[Int(itemSlot[item])] = itemExpert[item] }
        for expert in 0..<experts { keptCounts[expert] = replicas[expert] }
    }

    /// Restores the packing that ``keep()`` saved.
    private func restore() {
        for expert in 0..<experts {
            replicas[expert] = keptCounts[expert]
            shares[expert] = weights[expert] / Double(replicas[expert])
        }
        relist { Int(keptExpert[$0]) }
    }

    /// Lists the replicas, given the expert of each slot and the shares. O(slots) if the experts are nearly sorted.
    @inline(__always) func relist(_ expertOfSlot: (Int) -> Int) {
        for device in 0..<devices { loads[device] = 0 }
        for slot in 0..<slotCount {
            let expert = expertOfSlot(slot)
            loads[Int(deviceOfSlot[slot])] += shares[expert]
        }
        sortOrder()
        var next = 0
        for position in 0..<experts {
            let expert = Int(order[position])
            keptSlot[expert] = Int32(truncatingIfNeeded: next)
            next += Int(replicas[expert])
        }
        for slot in 0..<slotCount {
            let expert = expertOfSlot(slot)
            let item = Int(keptSlot[expert])
            keptSlot[expert] += 1
            itemShare[item] = shares[expert]
            itemExpert[item] = Int32(truncatingIfNeeded: expert)
            itemSlot[item] = Int32(truncatingIfNeeded: slot)
            itemDevice[item] = deviceOfSlot[slot]
            slots[slot] = Int32(truncatingIfNeeded: item)
        }
    }

    /// Sorts the experts by share. The order is nearly sorted already.
    private func sortOrder() {
        for position in stride(from: 1, to: experts, by: 1) {
            let expert = order[position]
            let share = shares[Int(expert)]
            var hole = position
            while hole > 0, shares[Int(order[hole - 1])] < share {
                order[hole] = order[hole - 1]
                hole -= 1
            }
            order[hole] = expert
        }
    }
}
