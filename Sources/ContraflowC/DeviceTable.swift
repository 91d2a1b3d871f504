import ExpertBalancing

/// Reads devices from a C caller.
enum DeviceTable {
    /// Returns devices with the given slots and speeds, on nodes of equal size.
    static func read(
        _ slotsPerDevice: UnsafePointer<Int64>, _ speeds: UnsafePointer<Double>?, _ devices: Int64, _ nodes: Int64
    ) throws -> DeviceWorld {
        guard devices > 0, devices <= Int64(Int32.max), nodes > 0 else {
            throw CallError("devices is \(devices) and nodes is \(nodes): give at least 1 of each")
        }
        return try DeviceWorld(
            slotsPerDevice: (0..<Int(devices)).map { Int(slotsPerDevice[$0]) },
            speeds: speeds.map { speeds in (0..<Int(devices)).map { speeds[$0] } }, nodeCount: Int(nodes))
    }
}
