/// The owners, the static replicas and the free slots of one layer of a placement.
///
/// One slot of each expert owns it: the slot has the expert's master weights and sends the weights to added replicas. The
/// empty slots of a rank are its free slots.
public struct ReplicaLayout: Hashable, Sendable {
    /// A slot that holds an expert on another rank than the owner's.
    struct StaticReplica: Hashable, Sendable {
        let expert: Int32
        let rank: Int32
        let slot: Int32
    }

    /// The number of ranks.
    public let rankCount: Int
    /// The slot that owns each expert.
    public let ownerSlots: [Int32]
    /// The rank that owns each expert.
    public let ownerRanks: [Int32]
    /// The first slot of each expert on each other rank than the owner's that holds the expert.
    let staticReplicas: [StaticReplica]
    /// The free slots, rank after rank, ascending.
    let freeSlots: [Int32]
    /// The bounds of each rank's free slots: rank r has `freeSlots[freeOffsets[r] ..< freeOffsets[r + 1]]`.
    let freeOffsets: [Int32]

    /// The number of experts.
    public var expertCount: Int { ownerSlots.count }

    /// Returns the slots of `rank` that hold no expert, ascending.
    public func freeSlots(ofRank rank: Int) -> ArraySlice<Int32> {
        freeSlots[Int(freeOffsets[rank])..<Int(freeOffsets[rank + 1])]
    }

    /// Creates the layout of one layer.
    ///
    /// - Parameters:
    ///   - placement: The placement. Its devices are the ranks.
    ///   - layer: The layer.
    ///   - ownerSlots: The slot that owns each expert; if nil, the first slot that holds the expert.
    /// - Throws: ``BalancingError`` if the layer does not exist or a slot does not hold the expert that it should own.
    /// - Complexity: O(slots + experts).
    public init(_ placement: Placement, layer: Int = 0, ownerSlots: [Int32]? = nil) throws(BalancingError) {
        guard (0..<placement.layerCount).contains(layer) else {
            throw BalancingError("there is no layer \(layer): give 0 to \(placement.layerCount - 1)")
        }
        let row = Array(placement.experts(ofLayer: layer))
        let ownerSlots = ownerSlots ?? Self.firstSlots(row, expertCount: placement.expertCount)
        guard ownerSlots.count == placement.expertCount else {
            throw BalancingError(
                "\(ownerSlots.count.counted("owner")) for \(placement.expertCount.counted("expert")): give one slot per expert"
            )
        }
        for (expert, slot) in ownerSlots.enumerated() {
            guard row.indices.contains(Int(slot)), row[Int(slot)] == Int32(truncatingIfNeeded: expert) else {
                throw BalancingError(
                    "slot \(slot) of layer \(layer) does not hold expert \(expert): give a slot that holds the expert")
            }
        }
        var ownerRanks = [Int32](repeating: 0, count: ownerSlots.count)
        var freeSlots: [Int32] = []
        var freeOffsets: [Int32] = [0]
        for rank in 0..<placement.deviceCount {
            for slot in placement.slots(ofDevice: rank) {
                let expert = row[slot]
                if expert == Placement.emptySlot {
                    freeSlots.append(Int32(truncatingIfNeeded: slot))
                } else if ownerSlots[Int(expert)] == Int32(truncatingIfNeeded: slot) {
                    ownerRanks[Int(expert)] = Int32(truncatingIfNeeded: rank)
                }
            }
            freeOffsets.append(Int32(truncatingIfNeeded: freeSlots.count))
        }
        var staticReplicas: [StaticReplica] = []
        placement.forEachReplica(ofLayer: layer) { expert, rank, slot in
            if ownerRanks[expert] == Int32(truncatingIfNeeded: rank) { return }
            staticReplicas.append(
                StaticReplica(
                    expert: Int32(truncatingIfNeeded: expert), rank: Int32(truncatingIfNeeded: rank),
                    slot: Int32(truncatingIfNeeded: slot)))
        }
        rankCount = placement.deviceCount
        self.ownerSlots = ownerSlots
        self.ownerRanks = ownerRanks
        self.staticReplicas = staticReplicas
        self.freeSlots = freeSlots
        self.freeOffsets = freeOffsets
    }

    /// Returns the first slot of each expert.
    private static func firstSlots(_ row: [Int32], expertCount: Int) -> [Int32] {
        var slots = [Int32](repeating: -1, count: expertCount)
        for slot in row.indices.reversed() where row[slot] != Placement.emptySlot {
            slots[Int(row[slot])] = Int32(truncatingIfNeeded: slot)
        }
        return slots
    }
}
