extension LayerPacking {
    /// Starts from a layer's slots and the present ``weights``. No slot is empty, and every expert has a slot.
    /// O(experts + slots).
    func begin(_ current: Span<Int32>) {
        for expert in 0..<experts { replicas[expert] = 0 }
        for slot in 0..<slotCount { replicas[Int(current[slot])] += 1 }
        for expert in 0..<experts { shares[expert] = weights[expert] / Double(replicas[expert]) }
        sortKeys(by: shares)
        for position in 0..<experts { order[position] = Int32(truncatingIfNeeded: keys[position]) }
        for device in 0..<devices { filled[device] = capacity(device) }
        relist { Int(current[$0]) }
    }

    /// Starts from `start` without its duplicates. Returns false if this is not possible.
    func begins(with start: [Int32]?) -> Bool {
        guard let start else { return false }
        begin(start.span)
        return allowsDuplicates || removeDuplicates()
    }

    /// Swaps each duplicate with a replica of nearly the same share on another device. Returns false if a duplicate is
    /// left.
    func removeDuplicates() -> Bool {
        for device in 0..<devices {
            let first = Int(offsets[device])
            for slot in first..<Int(offsets[device + 1]) {
                let item = Int(slots[slot])
                let isDuplicate = (first..<slot).contains { itemExpert[Int(slots[$0])] == itemExpert[item] }
                guard isDuplicate else { continue }
                guard let partner = partner(of: item) else { return false }
                exchangeSlots(item, partner)
            }
        }
        return true
    }

    /// Returns the replica with the nearest share that may change places with a duplicate.
    private func partner(of item: Int) -> Int? {
        for distance in stride(from: 1, to: slotCount, by: 1) {
            if mayTrade(item, item + distance) { return item + distance }
            if mayTrade(item, item - distance) { return item - distance }
        }
        return nil
    }

    /// Whether two replicas may change places without a duplicate on their new devices.
    private func mayTrade(_ item: Int, _ other: Int) -> Bool {
        guard other >= 0, other < slotCount, itemDevice[other] != itemDevice[item] else { return false }
        return !holds(Int(itemDevice[item]), itemExpert[other]) && !holds(Int(itemDevice[other]), itemExpert[item])
    }

    /// Whether a device would hold an expert twice with these slots. O(slots × slots per device).
    func hasDuplicates(_ current: Span<Int32>) -> Bool {
        for device in 0..<devices {
            for slot in Int(offsets[device])..<Int(offsets[device + 1]) {
                for other in Int(offsets[device])..<slot where current[other] == current[slot] { return true }
            }
        }
        return false
    }

    /// Improves the packing until the longest time is close to `target` or no change helps. With more devices, fewer
    /// changes of replica counts are tried, because each takes longer.
    func improveFurther(target: Double) {
        guard target > 0, devices > 1 else { return }
        exchange(target: target, limit: 8 * devices + 64)
        shiftReplicas(target: target, tries: max(2, 384 / devices))
    }

    /// Writes the expert of each slot. Experts that have not moved keep their slots.
    func writeInPlace(_ result: UnsafeMutableBufferPointer<Int32>) {
        for slot in 0..<slotCount { result[slot] = itemExpert[Int(slots[slot])] }
    }
}
