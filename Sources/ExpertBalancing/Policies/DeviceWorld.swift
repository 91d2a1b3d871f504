/// The devices for a placement, with their slots, speeds and nodes.
public struct DeviceWorld: Hashable, Sendable {
    /// The number of slots of each device. A device without slots takes no part, for example because it has failed.
    public let slotsPerDevice: [Int]
    /// The work that each device does per unit of time, relative to the other devices.
    public let speeds: [Double]
    /// The number of nodes. Each node has the same number of consecutive devices.
    public let nodeCount: Int

    /// Creates a world of devices that may differ.
    ///
    /// - Parameters:
    ///   - slotsPerDevice: The number of slots of each device, 0 for a failed device.
    ///   - speeds: The relative speed of each device, from 1e-6 to 1e6; nil if all speeds are 1.
    ///   - nodeCount: The number of nodes, which divides the devices.
    /// - Throws: ``BalancingError`` if there is no slot, if a speed is out of range, or if the nodes do not divide the
    ///   devices.
    public init(slotsPerDevice: [Int], speeds: [Double]? = nil, nodeCount: Int = 1) throws(BalancingError) {
        guard slotsPerDevice.allSatisfy({ $0 >= 0 }), slotsPerDevice.contains(where: { $0 > 0 }) else {
            throw BalancingError(
                "the slots per device are \(slotsPerDevice): give no negative number, and at least one slot")
        }
        let most = Int(Int32.max)
        guard slotsPerDevice.allSatisfy({ $0 <= most }), slotsPerDevice.reduce(0, +) <= most else {
            throw BalancingError("there are more than \(Int32.max) slots: give fewer")
        }
        let speeds = speeds ?? [Double](repeating: 1, count: slotsPerDevice.count)
        guard speeds.count == slotsPerDevice.count else {
            throw BalancingError(
                "\(speeds.count.counted("speed")) for \(slotsPerDevice.count.counted("device")): give one per device")
        }
        if let speed = speeds.first(where: { !($0 >= 1e-6 && $0 <= 1e6) }) {
            throw BalancingError(
                "a device has speed \(speed): give 0.000001 to 1000000, and 0 slots for a failed device")
        }
        guard nodeCount > 0, slotsPerDevice.count.isMultiple(of: nodeCount) else {
            throw BalancingError(
                "\(slotsPerDevice.count.counted("device")) cannot be divided equally among "
                    + "\(nodeCount.counted("node")): give a multiple of the nodes")
        }
        self.slotsPerDevice = slotsPerDevice
        self.speeds = speeds
        self.nodeCount = nodeCount
    }

    /// Creates a world of equal devices.
    ///
    /// - Throws: ``BalancingError``, also if the devices do not divide the slots.
    public init(slotCount: Int, deviceCount: Int, nodeCount: Int = 1) throws(BalancingError) {
        guard deviceCount > 0, slotCount > 0, slotCount.isMultiple(of: deviceCount) else {
            throw BalancingError(
                "\(slotCount.counted("replica")) cannot be divided equally among \(deviceCount.counted("device")): give a "
                    + "multiple of the devices, or slots for each device")
        }
        try self.init(
            slotsPerDevice: [Int](repeating: slotCount / deviceCount, count: deviceCount), nodeCount: nodeCount)
    }

    /// Whether all devices have the same number of slots and the same speed. O(devices).
    public var isUniform: Bool { Set(slotsPerDevice).count == 1 && Set(speeds).count == 1 }
    /// The number of devices.
    public var deviceCount: Int { slotsPerDevice.count }
    /// The number of slots per layer. O(devices).
    public var slotCount: Int { slotsPerDevice.reduce(0, +) }
    /// The sum of the speeds of all devices with slots. O(devices).
    var totalSpeed: Double { zip(slotsPerDevice, speeds).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) } }
    /// The first slot of each device, then the number of slots. O(devices).
    public var deviceOffsets: [Int] { slotsPerDevice.offsets }
}

extension [Int] {
    /// The sum of all numbers before each one, then the sum of all: the offsets of parts from their sizes. O(n).
    var offsets: [Int] { reduce(into: [0]) { offsets, size in offsets.append(offsets[offsets.count - 1] + size) } }
}
