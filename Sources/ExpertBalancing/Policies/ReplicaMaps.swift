/// A placement in the three tables that DeepSeek's EPLB returns, and that serving engines take.
public struct ReplicaMaps: Hashable, Sendable {
    /// How many layers there are.
    public let layerCount: Int
    /// How many experts a layer has.
    public let expertCount: Int
    /// The expert of each slot: `layers × slots`.
    public let physicalToLogical: [Int32]
    /// The index of each slot's replica among its expert's: `layers × slots`, 0 for an empty slot.
    public let ranks: [Int32]
    /// How many replicas each expert has: `layers × experts`.
    public let replicaCounts: [Int32]
}

extension ReplicaMaps {
    /// The maps of a placement; an expert's replicas count by ascending slot. O(layers × (slots + experts)).
    public init(_ placement: Placement) {
        var counts = [Int32](repeating: 0, count: placement.layerCount * placement.expertCount)
        var ranks = [Int32](repeating: 0, count: placement.experts.count)
        for (index, expert) in placement.experts.enumerated() where expert != Placement.emptySlot {
            let row = index / placement.slotCount * placement.expertCount
            ranks[index] = counts[row + Int(expert)]
            counts[row + Int(expert)] += 1
        }
        self.init(
            layerCount: placement.layerCount, expertCount: placement.expertCount, physicalToLogical: placement.experts,
            ranks: ranks, replicaCounts: counts)
    }

    /// How many slots a layer has.
    public var slotCount: Int { physicalToLogical.count / max(layerCount, 1) }

    /// The largest number of replicas that any expert of any layer has: the width of ``logicalToPhysical``.
    /// O(layers × experts).
    public var width: Int { Int(replicaCounts.max() ?? 0) }

    /// The slots of each expert in order of replica: `layers × experts × width`, -1 where there are no more.
    /// O(layers × (slots + experts × width)).
    public var logicalToPhysical: [Int32] {
        let width = width
        let slotCount = slotCount
        var table = [Int32](repeating: -1, count: layerCount * expertCount * width)
        for (index, expert) in physicalToLogical.enumerated() where expert != Placement.emptySlot {
            let (layer, slot) = index.quotientAndRemainder(dividingBy: slotCount)
            table[(layer * expertCount + Int(expert)) * width + Int(ranks[index])] = Int32(truncatingIfNeeded: slot)
        }
        return table
    }

    /// The placement, on devices of equal size.
    ///
    /// - Throws: ``PlacementError`` where the devices do not divide the slots.
    public func placement(deviceCount: Int) throws(PlacementError) -> Placement {
        guard deviceCount > 0, slotCount.isMultiple(of: deviceCount) else {
            throw PlacementError(reason: .slotsNotDivisible(slots: slotCount, devices: deviceCount))
        }
        let perDevice = slotCount / deviceCount
        return try Placement(
            experts: physicalToLogical, expertCount: expertCount,
            deviceOffsets: (0...deviceCount).map { $0 * perDevice })
    }
}
