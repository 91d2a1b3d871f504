extension Placement {
    /// Reads a placement on devices of equal size from the contents of a file.
    ///
    /// The file is JSON or a `.npy` array of `layers × slots`. JSON is an array or SGLang's
    /// `{"physical_to_logical_map": …}`, which `contraflow balance` writes.
    ///
    /// - Throws: ``FileFormatError`` if the contents have another format, ``PlacementError`` if they are not a
    ///   placement.
    /// - Complexity: O(bytes).
    public init(contents: [UInt8], expertCount: Int, deviceCount: Int) throws {
        try self.init(layers: Self.rows(contents), expertCount: expertCount, deviceCount: deviceCount)
    }

    /// Reads a placement on devices of any size from the contents of a file, which must have `layerCount` layers.
    ///
    /// - Throws: ``FileFormatError`` if the contents have another format or other dimensions, ``PlacementError`` if
    ///   they are not a placement.
    /// - Complexity: O(bytes).
    public init(contents: [UInt8], expertCount: Int, deviceOffsets: [Int], layerCount: Int) throws {
        let rows = try Self.rows(contents)
        let slots = deviceOffsets.last ?? 0
        guard rows.count == layerCount, rows.allSatisfy({ $0.count == slots }) else {
            throw FileFormatError(
                "the placement has \(rows.count.counted("layer")) of \((rows.first?.count ?? 0).counted("slot")), but the "
                    + "loads have \(layerCount.counted("layer")) and the devices \(slots.counted("slot")): give a "
                    + "placement for these loads and devices")
        }
        try self.init(experts: rows.flatMap(\.self), expertCount: expertCount, deviceOffsets: deviceOffsets)
    }

    private static func rows(_ contents: [UInt8]) throws -> [[Int32]] {
        try contents.withUnsafeBufferPointer { bytes in
            if bytes.starts(with: NumPyTable.magic) { return try NumPyTable.read(bytes).integerRows() }
            var scanner = JSONTableScanner(bytes)
            let key = "physical_to_logical_map"
            let tables = try scanner.tables(
                wanted: [key],
                skipped: [
                    "version", "logical_to_physical_map", "expert_count", "policy", "measures", "migration", "shape",
                ])
            guard let table = tables[""] ?? tables[key] else {
                throw FileFormatError("the object has no placement: give it under '\(key)'")
            }
            return try table.integerRows()
        }
    }
}
