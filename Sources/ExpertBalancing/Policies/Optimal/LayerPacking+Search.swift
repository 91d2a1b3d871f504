extension LayerPacking {
    /// The replicas that a swap is looked for among, in each direction: in large worlds many are as good.
    private static let swapsLookedAt = 96

    /// The same for rotations: for second and for third replicas.
    private static let rotationsLookedAt = 64

    /// The part of a device's excess over the target that a swap may leave, for no better one to be looked for.
    private static let partLeft = 0.15

    /// Lowers the longest time by exchanging replicas until it is at most `target` or no exchange helps.
    ///
    /// The longest device swaps a replica with another device, or, where no swap helps, takes part in a rotation of
    /// three. Replicas are sorted by share, so that each looks only at the few whose difference can help.
    func exchange(target: Double, limit: Int) {
        startTournament()
        for _ in 0..<limit {
            let longest = Int(longestOf[1])
            let shortest = Int(shortestOf[1])
            if time(longest) <= target { return }
            if !swapBest(longest, shortest, target), !rotateBest(longest, shortest) { return }
        }
    }

    /// The best swap of a replica of `device` with one elsewhere, made if it helps.
    ///
    /// Replicas that are lighter by what the device has to lose are looked at first, then others in both directions, until
    /// none further can be better.
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
            // No swap may move more than this, or the other device takes too long even if it is the shortest now.
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

    /// The first replica from `start` on whose share is below `share`: mostly near by, so steps double from there.
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

    @inline(__always) private func widestShift(from device: Int, _ shortest: Int, within longest: Double) -> Double {
        // With unequal speeds the device with the most room is not the shortest in time.
        var room = 0.0
        if inverseSpeed[device] == inverseSpeed[shortest] { return longest / inverseSpeed[shortest] - loads[shortest] }
        for other in 0..<devices { room = max(room, longest / inverseSpeed[other] - loads[other]) }
        return room
    }

    /// Three replicas, each of which moves to the next one's device, and the longest time of those devices then.
    private struct Rotation {
        var time: Double
        var items = (-1, -1, -1)
    }

    /// Moves a replica of `device` to a second device, one of the second to a third and one of the third back, made if
    /// the longest of the three times falls.
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
        // The second device may end lighter or heavier: start where it is as heavy as it may be.
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
        // The third replica is lighter than the first, by no more than the third device has room for.
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
        let deviceA = Int(itemDevice[a])
        let deviceB = Int(itemDevice[b])
        loads[deviceA] += itemShare[b] - itemShare[a]
        loads[deviceB] += itemShare[a] - itemShare[b]
        itemDevice.elements.swapAt(a, b)
        itemSlot.elements.swapAt(a, b)
        slots[Int(itemSlot[a])] = Int32(truncatingIfNeeded: a)
        slots[Int(itemSlot[b])] = Int32(truncatingIfNeeded: b)
        replay(deviceA)
        replay(deviceB)
    }

    private func startTournament() {
        for device in 0..<treeWidth {
            let index = device < devices ? Int32(truncatingIfNeeded: device) : -1
            longestOf[treeWidth + device] = index
            shortestOf[treeWidth + device] = index >= 0 && capacity(device) > 0 ? index : -1
        }
        for node in stride(from: treeWidth - 1, to: 0, by: -1) { settle(node) }
    }

    /// Repeats a device's matches.
    @inline(__always) private func replay(_ device: Int) {
        var node = (treeWidth + device) / 2
        while node > 0 {
            settle(node)
            node /= 2
        }
    }

    @inline(__always) private func settle(_ node: Int) {
        let a = longestOf[2 * node]
        let b = longestOf[2 * node + 1]
        longestOf[node] = b < 0 || (a >= 0 && time(Int(a)) >= time(Int(b))) ? a : b
        let c = shortestOf[2 * node]
        let d = shortestOf[2 * node + 1]
        shortestOf[node] = d < 0 || (c >= 0 && time(Int(c)) <= time(Int(d))) ? c : d
    }
}
