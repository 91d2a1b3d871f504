/// A placement as the three tables that DeepSeek's EPLB returns and serving engines accept.
public struct ReplicaMaps: Hashable, Sendable {
    /// The number of layers.
    public let layerCount: Int
    /// The number of experts per layer.
    public let expertCount: Int
    /// The expert of each slot: `layers × slots`.
    public let physicalToLogical: [Int32]
    /// The index of each slot's replica among the replicas of its expert, 0 for an empty slot: `layers × slots`.
    public let ranks: [Int32]
    /// The number of replicas of each expert: `layers × experts`.
    public let replicaCounts: [Int32]
}

extension ReplicaMaps {
    /// Creates the maps of a placement. An expert's replicas are numbered by ascending slot. O(layers × (slots +
    /// experts)).
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

    /// The number of slots per layer.
    public var slotCount: Int { physicalToLogical.count / max(layerCount, 1) }

    /// The largest number of replicas of any expert in any layer, which is the width of ``logicalToPhysical``.
    /// O(layers × experts).
    public var width: Int { Int(replicaCounts.max() ?? 0) }

    /// The slots of each expert in order of replica, padded with -1: `layers × experts × width`.
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

    /// Returns the maps of a placement that has the same experts on each device in other slots. A replica keeps its
    /// index among the replicas of its expert. O(layers × slots × slots per device).
    func reordered(like placement: Placement) -> ReplicaMaps {
        var ranks = [Int32](repeating: 0, count: placement.experts.count)
        for layer in 0..<placement.layerCount {
            for device in 0..<placement.deviceCount {
                let first = layer * placement.slotCount
                var left = Array(placement.slots(ofDevice: device))
                for slot in placement.slots(ofDevice: device) {
                    let expert = placement.experts[first + slot]
                    guard let index = left.firstIndex(where: { physicalToLogical[first + $0] == expert }) else {
                        continue
                    }
                    ranks[first + slot] = self.ranks[first + left.remove(at: index)]
                }
            }
        }
        return ReplicaMaps(
            layerCount: layerCount, expertCount: expertCount, physicalToLogical: placement.experts, ranks: ranks,
            replicaCounts: replicaCounts)
    }

    /// Returns the placement on devices of equal size.
    ///
    /// - Throws: ``PlacementError`` if the devices do not divide the slots.
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
