import ExpertBalancing

/// A layer's slots as a C caller passes them.
enum SlotTable {
    static func read(
        _ slots: UnsafePointer<Int64>, _ slotsPerDevice: UnsafePointer<Int64>, _ devices: Int64, _ experts: Int64
    ) throws -> Placement {
        guard devices > 0, devices <= 1 << 20, experts > 0, experts <= 1 << 20 else {
            throw CallError("\(experts) experts on \(devices) devices: give 1 to 1048576 of both")
        }
        var offsets = [0]
        for device in 0..<Int(devices) {
            let size = slotsPerDevice[device]
            guard size >= 0, size <= 1 << 20 else {
                throw CallError("device \(device) has \(size) slots: give 0 to 1048576")
            }
            offsets.append(offsets[device] + Int(size))
        }
        let row = try (0..<offsets[offsets.count - 1]).map { slot -> Int32 in
            guard let expert = Int32(exactly: slots[slot]) else {
                throw CallError("slot \(slot) holds \(slots[slot]), no expert")
            }
            return expert
        }
        return try Placement(experts: row, expertCount: Int(experts), deviceOffsets: offsets)
    }
}
