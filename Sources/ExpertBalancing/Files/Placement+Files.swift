extension Placement {
    /// A placement from a file's bytes: JSON `layers × slots`, bare or as SGLang's `{"physical_to_logical_map": …}`, as
    /// `contraflow balance` writes it, or a `.npy` array of two dimensions.
    ///
    /// - Throws: ``FileFormatError`` or ``PlacementError``.
    /// - Complexity: O(bytes).
    public init(contents: [UInt8], expertCount: Int, deviceCount: Int) throws {
        try self.init(layers: Self.rows(contents), expertCount: expertCount, deviceCount: deviceCount)
    }

    /// A placement from a file's bytes on devices of any size, checked to have so many layers.
    ///
    /// - Throws: ``FileFormatError`` or ``PlacementError``.
    /// - Complexity: O(bytes).
    public init(contents: [UInt8], expertCount: Int, deviceOffsets: [Int], layerCount: Int) throws {
        let rows = try Self.rows(contents)
        let slots = deviceOffsets.last ?? 0
        guard rows.count == layerCount, rows.allSatisfy({ $0.count == slots }) else {
            throw FileFormatError(
                "the placement has \(rows.count) layers of \(rows.first?.count ?? 0) slots, but the loads have "
                    + "\(layerCount) layers and the devices \(slots) slots: give a placement for these")
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
