/// The slot that owns each expert of each layer.
///
/// The owner alone has the expert's master weights and optimizer moments. The other slots of the expert have weights and
/// return gradients to the owner.
public struct SlotOwners: Hashable, Sendable {
    /// The number of experts per layer.
    public let expertCount: Int
    /// The slot that owns each expert, layer after layer: `layers × experts`.
    public let slots: [Int32]

    /// The slots that own one layer's experts.
    public subscript(layer layer: Int) -> ArraySlice<Int32> { slots[layer * expertCount..<(layer + 1) * expertCount] }

    /// Chooses owners for a placement. Devices own as equal numbers of experts as the first choice allows: each expert
    /// in order takes the slot on the device that owns the fewest experts, and of equal slots the first.
    /// O(layers × slots).
    public init(_ placement: Placement) { self.init(placement, after: nil) }

    /// Creates given owners, such as those of a checkpoint, and checks them.
    ///
    /// - Parameter slots: The slot that owns each expert: `layers × experts`.
    /// - Throws: ``BalancingError`` if an owner's slot does not hold the expert.
    public init(_ slots: [Int32], of placement: Placement) throws(BalancingError) {
        let experts = placement.expertCount
        guard slots.count == placement.layerCount * experts else {
            throw BalancingError(
                "\(slots.count.counted("owner")) for \(placement.layerCount.counted("layer")) of "
                    + "\(experts.counted("expert")): give one per expert")
        }
        for (index, slot) in slots.enumerated() {
            let row = placement.experts(ofLayer: index / experts)
            guard slot >= 0, slot < placement.slotCount, Int(row[row.startIndex + Int(slot)]) == index % experts else {
                throw BalancingError(
                    "layer \(index / experts): slot \(slot) does not hold expert \(index % experts), which it owns: give "
                        + "a slot of the expert")
            }
        }
        expertCount = experts
        self.slots = slots
    }

    /// Creates owners that the caller has checked.
    init(checkedSlots slots: [Int32], expertCount: Int) {
        self.slots = slots
        self.expertCount = expertCount
    }

    /// Returns the owners after a change of placement. As few owners as possible move: an owner whose slot keeps the
    /// expert stays. Otherwise, the owner moves to a slot of its device if one holds the expert, else to the device that
    /// owns the fewest experts.
    ///
    /// - Precondition: `placement` has the layers, experts and devices of the present placement.
    /// - Complexity: O(layers × slots).
    public func moved(to placement: Placement) -> SlotOwners { SlotOwners(placement, after: self) }

    private init(_ placement: Placement, after old: SlotOwners?) {
        let deviceOfSlot = placement.deviceOfSlot
        expertCount = placement.expertCount
        slots = (0..<placement.layerCount).flatMap { layer in
            Self.choose(placement, layer, after: old?[layer: layer], deviceOfSlot)
        }
    }

    private static func choose(
        _ placement: Placement, _ layer: Int, after old: ArraySlice<Int32>?, _ deviceOfSlot: [Int]
    ) -> [Int32] {
        var slotsOfExpert = [[Int]](repeating: [], count: placement.expertCount)
        for (slot, expert) in placement.experts(ofLayer: layer).enumerated() where expert != Placement.emptySlot {
            slotsOfExpert[Int(expert)].append(slot)
        }
        var owners = [Int32](repeating: -1, count: placement.expertCount)
        var owned = [Int](repeating: 0, count: placement.deviceCount)
        func own(_ expert: Int, _ slot: Int) {
            owners[expert] = Int32(truncatingIfNeeded: slot)
            owned[deviceOfSlot[slot]] += 1
        }
        for (expert, slots) in slotsOfExpert.enumerated() {
            if slots.count == 1 {
                own(expert, slots[0])
            } else if let old {
                let before = Int(old[old.startIndex + expert])
                let device = deviceOfSlot[before]
                let stays = slots.contains(before) ? before : slots.first { deviceOfSlot[$0] == device }
                if let stays { own(expert, stays) }
            }
        }
        for (expert, slots) in slotsOfExpert.enumerated() where owners[expert] < 0 {
            let best = slots.min { (owned[deviceOfSlot[$0]], $0) < (owned[deviceOfSlot[$1]], $1) }
            if let best { own(expert, best) }
        }
        return owners
    }
}
