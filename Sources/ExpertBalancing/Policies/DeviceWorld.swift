/// The devices that experts are placed on: how many slots each has, how fast it is and which node it stands in.
public struct DeviceWorld: Hashable, Sendable {
    /// Slots of each device; a device without slots takes no part, as one that has failed.
    public let slotsPerDevice: [Int]
    /// Work that each device does in a unit of time, relative to the others.
    public let speeds: [Double]
    /// Nodes, each of as many devices in order.
    public let nodeCount: Int

    /// A world of devices that may differ.
    ///
    /// - Parameters:
    ///   - slotsPerDevice: Slots of each device, 0 for one that has failed.
    ///   - speeds: Relative speed of each device; all 1 where it is left out.
    ///   - nodeCount: Nodes, which divide the devices.
    /// - Throws: ``BalancingError`` where there is no slot, a speed is not positive, or the nodes do not divide the devices.
    public init(slotsPerDevice: [Int], speeds: [Double]? = nil, nodeCount: Int = 1) throws(BalancingError) {
        guard slotsPerDevice.allSatisfy({ $0 >= 0 }), slotsPerDevice.contains(where: { $0 > 0 }) else {
            throw BalancingError(
                "slots per device are \(slotsPerDevice): give at least one device with a slot, none negative")
        }
        let most = Int(Int32.max)
        guard slotsPerDevice.allSatisfy({ $0 <= most }), slotsPerDevice.reduce(0, +) <= most else {
            throw BalancingError("there are more than \(Int32.max) slots: give fewer")
        }
        let speeds = speeds ?? [Double](repeating: 1, count: slotsPerDevice.count)
        guard speeds.count == slotsPerDevice.count else {
            throw BalancingError("\(speeds.count) speeds for \(slotsPerDevice.count) devices: give one each")
        }
        if let speed = speeds.first(where: { !($0 >= 1e-6 && $0 <= 1e6) }) {
            throw BalancingError(
                "a device's speed is \(speed): give 0.000001 to 1000000, and 0 slots for a failed device")
        }
        guard nodeCount > 0, slotsPerDevice.count.isMultiple(of: nodeCount) else {
            throw BalancingError(
                "\(slotsPerDevice.count) devices do not divide into \(nodeCount) nodes: give a multiple")
        }
        self.slotsPerDevice = slotsPerDevice
        self.speeds = speeds
        self.nodeCount = nodeCount
    }

    /// A world of equal devices.
    ///
    /// - Throws: ``BalancingError`` also where the devices do not divide the slots.
    public init(slotCount: Int, deviceCount: Int, nodeCount: Int = 1) throws(BalancingError) {
        guard deviceCount > 0, slotCount > 0, slotCount.isMultiple(of: deviceCount) else {
            throw BalancingError(
                "\(slotCount) replicas do not divide into \(deviceCount) devices: give a multiple of the devices, "
                    + "or slots for each device")
        }
        try self.init(
            slotsPerDevice: [Int](repeating: slotCount / deviceCount, count: deviceCount), nodeCount: nodeCount)
    }

    /// Whether all devices have as many slots and one speed. O(devices).
    public var isUniform: Bool { Set(slotsPerDevice).count == 1 && Set(speeds).count == 1 }
    /// How many devices there are.
    public var deviceCount: Int { slotsPerDevice.count }
    /// How many slots a layer has. O(devices).
    public var slotCount: Int { slotsPerDevice.reduce(0, +) }
    /// The speed of all devices that take part. O(devices).
    var totalSpeed: Double { zip(slotsPerDevice, speeds).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) } }
    /// Where each device's slots begin, then the number of slots. O(devices).
    public var deviceOffsets: [Int] {
        slotsPerDevice.reduce(into: [0]) { offsets, slots in offsets.append(offsets[offsets.count - 1] + slots) }
    }
}
