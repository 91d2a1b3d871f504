extension LayerPacking {
    /// The largest number of replicas considered for a swap, in each direction. Large worlds have many equally good
    /// swaps.
    private static let swapsLookedAt = 96

    /// The largest number of second and of third replicas considered for a rotation.
    private static let rotationsLookedAt = 64

    /// The fraction of a device's excess over the target below which the search for a better swap stops.
    private static let partLeft = 0.15

    /// Exchanges replicas until the longest time is at most `target`, no exchange helps, or `limit` exchanges are made.
    ///
    /// The device with the longest time swaps a replica with another device. If no swap helps, it takes part in a
    /// rotation of three replicas. Replicas are sorted by share, so that only the few with a useful difference are
    /// considered.
    func exchange(target: Double, limit: Int) {
        startTournament()
        for _ in 0..<limit {
            let longest = Int(longestOf[1])
            let shortest = Int(shortestOf[1])
            if time(longest) <= target { return }
            if !swapBest(longest, shortest, target), !rotateBest(longest, shortest) { return }
        }
    }

    /// Makes the best swap of a replica of `device` with a replica of another device. Returns false if no swap helps.
    ///
    /// For each replica of the device, the search starts at the replica that is lighter by the device's excess. From
    /// there it goes in both directions until no further replica can be better.
    private func swapBest(_ device: Int, _ shortest: Int, _ target: Double) -> Bool {
        let load = loads[device]
        let ownInverseSpeed = inverseSpeed[device]
        var best = time(device) * (1 - 1e-12)
        var bestPair = (-1, -1)
        let excess = load - target / ownInverseSpeed
        let goodEnough = target + Self.partLeft * (time(device) - target)
        for slot in Int(offsets[device])..<Int(offsets[device + 1]) where best > goodEnough {
            let item = Int(slots[slot])
            let share = itemShare[item]
            // A swap that moves more load than this makes every other device take too long.
            let widest = widestShift(from: device, shortest, within: best)
            let middle = firstItem(lighterThan: share - min(excess, widest / 2), from: item + 1)
            var other = middle
            while other < min(middle + Self.swapsLookedAt, slotCount), share - itemShare[other] < widest {
                considerSwap(item, other, device, &best, &bestPair)
                other += 1
            }
            other = middle - 1
            while other > max(middle - Self.swapsLookedAt, item),
                (load - share + itemShare[other]) * ownInverseSpeed < best
            {
                considerSwap(item, other, device, &best, &bestPair)
                other -= 1
            }
        }
        guard bestPair.0 >= 0 else { return false }
        swapDevices(bestPair.0, bestPair.1)
        return true
    }

    @inline(__always) private func considerSwap(
        _ item: Int, _ other: Int, _ device: Int, _ best: inout Double, _ bestPair: inout (Int, Int)
    ) {
        let partner = Int(itemDevice[other])
        let shift = itemShare[item] - itemShare[other]
        let value = max(
            (loads[device] - shift) * inverseSpeed[device], (loads[partner] + shift) * inverseSpeed[partner])
        if value < best, partner != device,
            allowsDuplicates || (!holds(partner, itemExpert[item]) && !holds(device, itemExpert[other]))
        {
            best = value
            bestPair = (item, other)
        }
    }

    /// Returns the first replica from `start` on whose share is below `share`. The replica is mostly close to `start`,
    /// so the search begins with small steps and doubles them.
    @inline(__always) private func firstItem(lighterThan share: Double, from start: Int) -> Int {
        var low = start
        var step = 1
        while low + step < slotCount, itemShare[low + step - 1] >= share {
            low += step
            step *= 2
        }
        var high = min(low + step, slotCount)
        while low < high {
            let middle = (low + high) / 2
            if itemShare[middle] < share { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Returns the largest load that another device can take without a time above `longest`.
    @inline(__always) private func widestShift(from device: Int, _ shortest: Int, within longest: Double) -> Double {
        // With unequal speeds, the device with the shortest time may not be the device with the most room.
        var room = 0.0
        if inverseSpeed[device] == inverseSpeed[shortest] { return longest / inverseSpeed[shortest] - loads[shortest] }
        for other in 0..<devices { room = max(room, longest / inverseSpeed[other] - loads[other]) }
        return room
    }

    /// A rotation of three replicas, each of which moves to the device of the next, and the longest time of the three
    /// devices afterwards.
    private struct Rotation {
        var time: Double
        var items = (-1, -1, -1)
    }

    /// Makes the best rotation that moves a replica of `device` to a second device, a replica of the second to a third,
    /// and a replica of the third back. Returns false if no rotation lowers the longest of the three times.
    private func rotateBest(_ device: Int, _ shortest: Int) -> Bool {
        let limit = time(device)
        var best = Rotation(time: limit * (1 - 1e-12))
        let widest = widestShift(from: device, shortest, within: limit)
        for slot in Int(offsets[device])..<Int(offsets[device + 1]) {
            considerRotations(of: Int(slots[slot]), device, widest, &best)
        }
        guard best.items.0 >= 0 else { return false }
        swapDevices(best.items.0, best.items.1)
        swapDevices(best.items.1, best.items.2)
        return true
    }

    @inline(__always)
    private func considerRotations(of first: Int, _ device: Int, _ widest: Double, _ best: inout Rotation) {
        let share = itemShare[first]
        // The second replica may be heavier or lighter than the first. Start with the heaviest possible.
        var second = first
        while second > 0, itemShare[second - 1] < share + widest { second -= 1 }
        var tries = 0
        while second < slotCount, tries < Self.rotationsLookedAt, share - itemShare[second] < widest {
            let partner = Int(itemDevice[second])
            let partnerTime = (loads[partner] + (share - itemShare[second])) * inverseSpeed[partner]
            if partner != device, partnerTime < best.time {
                tries += 1
                considerRotations(of: first, second, device, partnerTime, widest, &best)
            }
            second += 1
        }
    }

    @inline(__always) private func considerRotations(
        of first: Int, _ second: Int, _ device: Int, _ partnerTime: Double, _ widest: Double, _ best: inout Rotation
    ) {
        let share = itemShare[first]
        let secondShare = itemShare[second]
        let partner = Int(itemDevice[second])
        let load = loads[device]
        let ownInverseSpeed = inverseSpeed[device]
        var least = best.time
        // The third replica is lighter than the first, by at most the room of another device.
        var third = first + 1
        let end = min(third + Self.rotationsLookedAt, slotCount)
        while third < end, share - itemShare[third] < widest {
            let last = Int(itemDevice[third])
            let lastTime = (loads[last] + (secondShare - itemShare[third])) * inverseSpeed[last]
            let ownTime = (load - (share - itemShare[third])) * ownInverseSpeed
            let value = max(ownTime, max(partnerTime, lastTime))
            if value < least, last != device, last != partner,
                allowsDuplicates
                    || (!holds(partner, itemExpert[first]) && !holds(last, itemExpert[second])
                        && !holds(device, itemExpert[third]))
            {
                least = value
                best = Rotation(time: value, items: (first, second, third))
            }
            third += 1
        }
    }

    /// Swaps the slots of two replicas.
    @inline(__always) func swapDevices(_ a: Int, _ b: Int) {
        exchangeSlots(a, b)
        replay(Int(itemDevice[a]))
        replay(Int(itemDevice[b]))
    }

    /// Swaps the slots of two replicas outside of a search, without an update of the tournament trees.
    @inline(__always) func exchangeSlots(_ a: Int, _ b: Int) {
        let deviceA = Int(itemDevice[a])
        let deviceB = Int(itemDevice[b])
        loads[deviceA] += itemShare[b] - itemShare[a]
        loads[deviceB] += itemShare[a] - itemShare[b]
        itemDevice.elements.swapAt(a, b)
        itemSlot.elements.swapAt(a, b)
        slots[Int(itemSlot[a])] = Int32(truncatingIfNeeded: a)
        slots[Int(itemSlot[b])] = Int32(truncatingIfNeeded: b)
    }

    /// Builds the tournament trees for the devices with the longest and the shortest time.
    private func startTournament() {
        for device in 0..<treeWidth {
            let index = device < devices ? Int32(truncatingIfNeeded: device) : -1
            longestOf[treeWidth + device] = index
            shortestOf[treeWidth + device] = index >= 0 && capacity(device) > 0 ? index : -1
        }
        for node in stride(from: treeWidth - 1, to: 0, by: -1) { settle(node) }
    }

    /// Repeats the matches of a device after its load has changed.
    @inline(__always) private func replay(_ device: Int) {
        var node = (treeWidth + device) / 2
        while node > 0 {
            settle(node)
            node /= 2
        }
    }

    /// Computes the winners of a node from its two children.
    @inline(__always) private func settle(_ node: Int) {
        let a = longestOf[2 * node]
        let b = longestOf[2 * node + 1]
        longestOf[node] = b < 0 || (a >= 0 && time(Int(a)) >= time(Int(b))) ? a : b
        let c = shortestOf[2 * node]
        let d = shortestOf[2 * node + 1]
        shortestOf[node] = d < 0 || (c >= 0 && time(Int(c)) <= time(Int(d))) ? c : d
    }
}
