extension LayerPacking {
    /// Returns a lower bound on the longest time of any placement in which every expert has a slot, replicas share
    /// their expert's load equally, and no slot is empty.
    ///
    /// One bound is the mean time. Another bound counts replicas. If no time exceeds T, an expert of load w needs at
    /// least w / (T − f) replicas, where f is the least load of a device's other slots. The replicas that are left over
    /// limit how light a share can become, and therefore limit f. A T that needs more replicas than there are slots is
    /// impossible. Bisection finds the least possible T. O(experts + log(precision) × heavy experts) after sorting.
    ///
    /// - Parameter allowsDuplicates: Whether the placements may hold duplicates, even if the packing places none.
    func lowerBound(allowsDuplicates: Bool = false) -> Double {
        let repeats = allowsDuplicates || self.allowsDuplicates
        var total = 0.0
        var speed = 0.0
        var fastest = 0.0
        var leastSlots = Int32.max
        for expert in 0..<experts { total += weights[expert] }
        for device in 0..<devices where capacity(device) > 0 {
            speed += 1 / inverseSpeed[device]
            fastest = max(fastest, 1 / inverseSpeed[device])
            leastSlots = min(leastSlots, capacity(device))
        }
        let mean = total / speed
        guard total > 0 else { return 0 }
        sortKeys(by: weights)
        let others = Int(leastSlots) - 1
        if isPossible(mean * fastest, others, repeats) { return mean }
        var low = mean * fastest
        var high = low
        repeat { high *= 2 } while !isPossible(high, others, repeats)
        for _ in 0..<40 where high - low > high * 1e-9 {
            let middle = (low + high) / 2
            if isPossible(middle, others, repeats) { high = middle } else { low = middle }
        }
        return max(mean, low / fastest)
    }

    /// Whether the slots may suffice for a placement with loads of at most `load`. `others` is the least number of
    /// further slots beside a slot of the same device, and `repeats` whether these slots may hold one expert.
    private func isPossible(_ load: Double, _ others: Int, _ repeats: Bool) -> Bool {
        var filler = 0.0
        for _ in 0..<8 {
            let room = (load - filler) * (1 + 1e-12)
            guard room > 0 else { return false }
            var needed = experts
            var position = 0
            while position < experts {
                let weight = weights[UInt64Sorting.index(of: keys[position])]
                // Float32 keys order experts nearly by weight. From here on, no expert needs a second replica.
                if weight <= room * (1 - 1e-6) { break }
                let count = weight / room
                guard count < Double(slotCount) else { return false }
                // The count is rounded up, without the one replica that every expert has.
                let whole = Int(count)
                needed += Double(whole) < count ? whole : max(whole, 1) - 1
                position += 1
            }
            let left = slotCount - needed
            if left < 0 { return false }
            if others == 0 { return true }
            // A share is lightest if its expert gets all replicas that are left over.
            let divisor = Double(left + 1)
            let heavy = room * (1 - 1e-6) / Double(left + 2)
            var next = 0.0
            for rank in 0..<others {
                let index = repeats ? experts - 1 : experts - 1 - rank
                let light = index < position ? heavy : lightest(index) / divisor
                next += min(light, heavy)
            }
            if next <= filler * (1 + 1e-9) { return true }
            filler = next
        }
        return true
    }

    /// Returns the weight at a position of the sorted order, or slightly less, because the order is by Float32.
    @inline(__always) private func lightest(_ position: Int) -> Double {
        weights[UInt64Sorting.index(of: keys[position])] * (1 - 1e-6)
    }
}
