import ExpertBalancing

/// Reads slots from a C caller.
enum SlotTable {
    /// Returns the placement of one layer on devices of any size.
    static func read(
        _ slots: UnsafePointer<Int64>, _ slotsPerDevice: UnsafePointer<Int64>, _ devices: Int64, _ experts: Int64
    ) throws -> Placement {
        guard devices > 0, devices <= 1 << 20, experts > 0, experts <= 1 << 20 else {
            throw CallError("experts is \(experts) and devices is \(devices): give 1 to 1048576 of each")
        }
        var offsets = [0]
        for device in 0..<Int(devices) {
            let size = slotsPerDevice[device]
            guard size >= 0, size <= 1 << 20 else {
                throw CallError("slots_per_device[\(device)] is \(size): give 0 to 1048576")
            }
            offsets.append(offsets[device] + Int(size))
        }
        return try read(slots, layers: 1, deviceOffsets: offsets, experts: experts)
    }

    /// Returns the placement of all layers, given the expert of each slot: `layers × slots`.
    static func read(
        _ slots: UnsafePointer<Int64>, layers: Int, deviceOffsets: [Int], experts: Int64
    ) throws -> Placement {
        let row = try (0..<layers * deviceOffsets[deviceOffsets.count - 1]).map { slot -> Int32 in
            guard let expert = Int32(exactly: slots[slot]) else {
                throw CallError("slot \(slot): there is no expert \(slots[slot]): give 0 to \(experts - 1)")
            }
            return expert
        }
        return try Placement(experts: row, expertCount: Int(experts), deviceOffsets: deviceOffsets)
    }
}
