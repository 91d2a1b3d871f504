/// A placement in the three tables that DeepSeek's EPLB returns, and that serving engines take.
public struct ReplicaMaps: Hashable, Sendable {
    /// How many layers there are.
    public let layerCount: Int
    /// How many experts a layer has.
    public let expertCount: Int
    /// How many slots a layer has.
    public let slotCount: Int
    /// The largest number of replicas that any expert of any layer has: the width of ``logicalToPhysical``.
    public let width: Int
    /// The expert of each slot: `layers × slots`.
    public let physicalToLogical: [Int32]
    /// The slots of each expert in order of replica: `layers × experts × width`, -1 where there are no more.
    public let logicalToPhysical: [Int32]
    /// The index of each slot's replica among its expert's: `layers × slots`, 0 for an empty slot.
    public let ranks: [Int32]
    /// How many replicas each expert has: `layers × experts`.
    public let replicaCounts: [Int32]

    /// Maps from parts that agree.
    ///
    /// - Complexity: O(layers × (slots + experts × width)).
    init(layerCount: Int, expertCount: Int, physicalToLogical: [Int32], ranks: [Int32], replicaCounts: [Int32]) {
        self.layerCount = layerCount
        self.expertCount = expertCount
        slotCount = physicalToLogical.count / max(layerCount, 1)
        let width = Int(replicaCounts.max() ?? 0)
        self.width = width
        self.physicalToLogical = physicalToLogical
        self.ranks = ranks
        self.replicaCounts = replicaCounts
        let slotCount = slotCount
        logicalToPhysical = [Int32](unsafeUninitializedCapacity: layerCount * expertCount * width) { table, count in
            table.initialize(repeating: -1)
            for layer in 0..<layerCount {
                for slot in 0..<slotCount {
                    let expert = physicalToLogical[layer * slotCount + slot]
                    if expert < 0 { continue }
                    let row = (layer * expertCount + Int(expert)) * width
                    table[row + Int(ranks[layer * slotCount + slot])] = Int32(truncatingIfNeeded: slot)
                }
            }
            count = layerCount * expertCount * width
        }
    }

    /// The maps of a placement; an expert's replicas count by ascending slot. O(layers × (slots + experts × width)).
    public init(_ placement: Placement) {
        var counts = [Int32](repeating: 0, count: placement.layerCount * placement.expertCount)
        var ranks = [Int32](repeating: 0, count: placement.experts.count)
        for layer in 0..<placement.layerCount {
            for index in layer * placement.slotCount..<(layer + 1) * placement.slotCount {
                let expert = placement.experts[index]
                if expert == Placement.emptySlot { continue }
                ranks[index] = counts[layer * placement.expertCount + Int(expert)]
                counts[layer * placement.expertCount + Int(expert)] += 1
            }
        }
        self.init(
            layerCount: placement.layerCount, expertCount: placement.expertCount,
            physicalToLogical: placement.experts, ranks: ranks, replicaCounts: counts)
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
