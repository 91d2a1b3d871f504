extension Placement {
    /// Returns the placement with the slots of each device in another order: an expert that the device already holds in
    /// `current` keeps its slot. Then a slot differs only if its expert has to be copied.
    ///
    /// - Precondition: Both placements have the same layers and devices. The devices may have other numbers of slots.
    /// - Complexity: O(layers × slots × slots per device).
    public func keepingSlots(of current: Placement) -> Placement {
        let old = current.experts(inSlotsOf: self)
        var result = experts
        for layer in 0..<layerCount {
            Self.keepSlots(&result, like: old, layer: layer, deviceOffsets: deviceOffsets)
        }
        return Placement(checkedExperts: result, expertCount: expertCount, deviceOffsets: deviceOffsets)
    }

    /// Returns the expert that each slot of `other` holds under this placement, `layers × slots`, if every device keeps
    /// its first slots: additional slots are empty. O(layers × slots).
    package func experts(inSlotsOf other: Placement) -> [Int32] {
        precondition(
            layerCount == other.layerCount && deviceCount == other.deviceCount,
            "the placements have the same layers and devices")
        guard deviceOffsets != other.deviceOffsets else { return experts }
        var result = [Int32](repeating: Self.emptySlot, count: other.experts.count)
        for layer in 0..<layerCount {
            for device in 0..<deviceCount {
                for (own, slot) in zip(slots(ofDevice: device), other.slots(ofDevice: device)) {
                    result[layer * other.slotCount + slot] = experts[layer * slotCount + own]
                }
            }
        }
        return result
    }

    /// Exchanges the experts of each device of a layer in `new` so that as many slots as possible are as in `old`.
    static func keepSlots(_ new: inout [Int32], like old: [Int32], layer: Int = 0, deviceOffsets: [Int]) {
        let first = layer * deviceOffsets[deviceOffsets.count - 1]
        for (start, end) in zip(deviceOffsets, deviceOffsets.dropFirst()) {
            let slots = first + start..<first + end
            for slot in slots where new[slot] != old[slot] {
                // A slot that is as in `old` keeps its expert.
                let other = slots.first { new[$0] == old[slot] && new[$0] != old[$0] }
                if let other { new.swapAt(slot, other) }
            }
        }
    }
}
