extension LayerPacking {
    /// Starts from a layer's slots, all of them in use and every expert in one, with ``weights`` as they are now.
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

    /// Improves what ``begin(_:)`` started from until the longest time is close to `target` or nothing helps. The more devices,
    /// the fewer changes of counts are tried, as each takes the longer.
    func improveFurther(target: Double) {
        guard target > 0, devices > 1 else { return }
        exchange(target: target, limit: 8 * devices + 64)
        shiftReplicas(target: target, tries: max(2, 384 / devices))
    }

    /// Writes the expert of each slot where it stands, so that what has not moved keeps its slot.
    func writeInPlace(_ result: UnsafeMutableBufferPointer<Int32>) {
        for slot in 0..<slotCount { result[slot] = itemExpert[Int(slots[slot])] }
    }
}
