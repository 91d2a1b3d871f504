/// A placement of experts on devices: the expert in each slot of each layer.
///
/// Slots are numbered over all devices, and each device owns a contiguous range of slots. A slot may be empty, so that
/// layers with different redundancy and devices of different size have one shape. Policies make placements, the live
/// balancer moves to them, charts draw them, and JSON files store them.
public struct Placement: Hashable, Sendable {
    /// The value of a slot that holds no expert.
    public static let emptySlot: Int32 = -1

    /// The number of experts per layer.
    public let expertCount: Int
    /// The first slot of each device, then the number of slots: device d owns
    /// `deviceOffsets[d] ..< deviceOffsets[d + 1]`.
    public let deviceOffsets: [Int]
    /// The expert of each slot, layer after layer: `layers × slots`. An empty slot has ``emptySlot``.
    public let experts: [Int32]

    /// Creates a placement and checks it.
    ///
    /// - Parameters:
    ///   - experts: The expert of each slot or ``emptySlot``: `layers × slots`.
    ///   - expertCount: The number of experts per layer.
    ///   - deviceOffsets: The first slot of each device, then the number of slots.
    /// - Throws: ``PlacementError`` if an expert of some layer has no slot, or a value is out of range.
    /// - Complexity: O(layers × slots).
    public init(experts: [Int32], expertCount: Int, deviceOffsets: [Int]) throws(PlacementError) {
        self.init(unchecked: experts, expertCount: expertCount, deviceOffsets: deviceOffsets)
        try validate()
    }

    /// Creates a placement whose invariants the caller guarantees. They are checked only if
    /// `CONTRAFLOW_CHECK_INVARIANTS` is set; see ``_checkInvariants()``.
    package init(checkedExperts: [Int32], expertCount: Int, deviceOffsets: [Int]) {
        self.init(unchecked: checkedExperts, expertCount: expertCount, deviceOffsets: deviceOffsets)
        if Self.checksInvariants { _checkInvariants() }
    }

    private init(unchecked experts: [Int32], expertCount: Int, deviceOffsets: [Int]) {
        self.experts = experts
        self.expertCount = expertCount
        self.deviceOffsets = deviceOffsets
    }

    /// Creates a placement on devices of equal size and checks it.
    ///
    /// - Throws: ``PlacementError``, also if the devices do not divide the slots.
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

    /// The number of layers.
    public var layerCount: Int { experts.count / slotCount }
    /// The number of slots per layer, including empty slots.
    public var slotCount: Int { deviceOffsets[deviceOffsets.count - 1] }
    /// The number of devices.
    public var deviceCount: Int { deviceOffsets.count - 1 }

    /// Returns the experts of one layer's slots.
    public func experts(ofLayer layer: Int) -> ArraySlice<Int32> {
        experts[layer * slotCount..<(layer + 1) * slotCount]
    }

    /// The number of slots of each device. O(devices).
    public var slotsPerDevice: [Int] { zip(deviceOffsets, deviceOffsets.dropFirst()).map { $1 - $0 } }

    /// Returns the slots that `device` owns.
    public func slots(ofDevice device: Int) -> Range<Int> { deviceOffsets[device]..<deviceOffsets[device + 1] }

    /// The device that owns each slot. O(slots).
    public var deviceOfSlot: [Int] {
        (0..<deviceCount).flatMap { device in slots(ofDevice: device).map { _ in device } }
    }

    /// The number of used slots per device in each layer, for placements that use equally many on all devices.
    /// O(layers × slots).
    public var usedSlotsPerDevice: [Int] {
        (0..<layerCount).map { experts(ofLayer: $0).count { $0 != Self.emptySlot } / deviceCount }
    }

    /// Returns the number of replicas of each expert of a layer. O(slots).
    public func replicaCounts(ofLayer layer: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: expertCount)
        for expert in experts(ofLayer: layer) where expert != Self.emptySlot { counts[Int(expert)] += 1 }
        return counts
    }
}
