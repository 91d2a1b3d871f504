extension Placement {
    /// A placement from a file's bytes: JSON `layers × slots`, bare or as SGLang's `{"physical_to_logical_map": …}`, as
    /// `contraflow balance` writes it, or a `.npy` array of two dimensions.
    ///
    /// - Throws: ``FileFormatError`` or ``PlacementError``.
    /// - Complexity: O(bytes).
    public init(contents: [UInt8], expertCount: Int, deviceCount: Int) throws {
        let rows = try contents.withUnsafeBufferPointer { bytes in
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
        try self.init(layers: rows, expertCount: expertCount, deviceCount: deviceCount)
    }
}
