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
