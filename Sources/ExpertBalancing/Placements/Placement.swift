/// Which expert lives where: for each layer, the expert that every slot holds.
///
/// Slots are numbered over all devices; each device owns a run of them. A slot may be empty, so that layers with
/// different redundancy and devices of different size share one shape. Policies make placements, the live balancer
/// moves to them, charts draw them and JSON carries them.
public struct Placement: Hashable, Sendable {
    /// The value of a slot that holds no expert.
    public static let emptySlot: Int32 = -1

    /// How many experts a layer has.
    public let expertCount: Int
    /// Where each device's slots begin, and at the end how many slots there are: device d owns
    /// `deviceOffsets[d] ..< deviceOffsets[d + 1]`.
    public let deviceOffsets: [Int]
    /// The expert of each slot, layer after layer: `layers × slots`, ``emptySlot`` where there is none.
    public let experts: [Int32]

    /// A placement of `experts`, checked.
    ///
    /// - Parameters:
    ///   - experts: `layers × slots`, the expert of each slot or ``emptySlot``.
    ///   - expertCount: How many experts a layer has.
    ///   - deviceOffsets: Where each device's slots begin, then the number of slots.
    /// - Throws: ``PlacementError`` where an expert of some layer has no slot, or a value is out of range.
    /// - Complexity: O(layers × slots).
    public init(experts: [Int32], expertCount: Int, deviceOffsets: [Int]) throws(PlacementError) {
        guard expertCount > 0 else { throw PlacementError(reason: .noExperts) }
        guard let slots = deviceOffsets.last, deviceOffsets.count > 1, slots > 0, deviceOffsets[0] == 0,
            zip(deviceOffsets, deviceOffsets.dropFirst()).allSatisfy(<=)
        else { throw PlacementError(reason: .malformedDevices(deviceOffsets)) }
        guard experts.count.isMultiple(of: slots) else {
            throw PlacementError(reason: .ragged(values: experts.count, slots: slots))
        }
        for layer in 0..<experts.count / slots {
            var isPlaced = [Bool](repeating: false, count: expertCount)
            for slot in 0..<slots {
                let expert = experts[layer * slots + slot]
                if expert == Self.emptySlot { continue }
                guard expert >= 0, expert < expertCount else {
                    throw PlacementError(
                        reason: .unknownExpert(Int(expert), layer: layer, slot: slot, expertCount: expertCount))
                }
                isPlaced[Int(expert)] = true
            }
            if let missing = isPlaced.firstIndex(of: false) {
                throw PlacementError(reason: .missingExpert(missing, layer: layer))
            }
        }
        self.expertCount = expertCount
        self.deviceOffsets = deviceOffsets
        self.experts = experts
    }

    /// A placement that a policy made and that is known to be one.
    init(checkedExperts: [Int32], expertCount: Int, deviceOffsets: [Int]) {
        experts = checkedExperts
        self.expertCount = expertCount
        self.deviceOffsets = deviceOffsets
    }

    /// A placement on devices of equal size.
    ///
    /// - Throws: ``PlacementError``, also where the devices do not divide the slots.
    public init(layers: [[Int32]], expertCount: Int, deviceCount: Int) throws(PlacementError) {
        let slots = layers.first?.count ?? 0
        guard deviceCount > 0, slots > 0, slots.isMultiple(of: deviceCount) else {
            throw PlacementError(reason: .slotsNotDivisible(slots: slots, devices: deviceCount))
        }
        if let layer = layers.first(where: { $0.count != slots }) {
            throw PlacementError(reason: .ragged(values: layer.count, slots: slots))
        }
        let perDevice = slots / deviceCount
        try self.init(
            experts: layers.flatMap(\.self), expertCount: expertCount,
            deviceOffsets: (0...deviceCount).map { $0 * perDevice })
    }

    /// How many layers there are.
    public var layerCount: Int { experts.count / slotCount }
    /// How many slots a layer has, empty ones included.
    public var slotCount: Int { deviceOffsets[deviceOffsets.count - 1] }
    /// How many devices there are.
    public var deviceCount: Int { deviceOffsets.count - 1 }

    /// The experts of one layer's slots.
    public func experts(ofLayer layer: Int) -> ArraySlice<Int32> {
        experts[layer * slotCount..<(layer + 1) * slotCount]
    }

    /// The slots that `device` owns.
    public func slots(ofDevice device: Int) -> Range<Int> { deviceOffsets[device]..<deviceOffsets[device + 1] }

    /// The slots per device that hold an expert, in each layer, if all devices have as many. O(layers × slots).
    public var usedSlotsPerDevice: [Int] {
        (0..<layerCount).map { experts(ofLayer: $0).count { $0 != Self.emptySlot } / deviceCount }
    }

    /// How many replicas each expert of a layer has. O(slots).
    public func replicaCounts(ofLayer layer: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: expertCount)
        for expert in experts(ofLayer: layer) where expert != Self.emptySlot { counts[Int(expert)] += 1 }
        return counts
    }
}
