extension LoadStream {
    /// Loads from a file's bytes, whatever form they have.
    ///
    /// - JSON: `layers × experts` or `windows × layers × experts`, bare or as SGLang's `{"logical_count": …}`.
    /// - NumPy's `.npy`, of one to three dimensions.
    /// - CSV, a row a layer; with a header, `iter` and `layer` columns make windows.
    ///
    /// - Throws: ``FileFormatError`` or ``ExpertLoadsError``.
    /// - Complexity: O(bytes).
    public init(contents: [UInt8]) throws {
        self = try contents.withUnsafeBufferPointer { bytes in
            if bytes.starts(with: NumPyTable.magic) { return try NumPyTable.read(bytes).stream() }
            if bytes.starts(with: [0x1F, 0x8B]) {
                throw FileFormatError("the file is packed by gzip: unpack it with 'gzip -dk' first")
            }
            if bytes.starts(with: [0x50, 0x4B]) {
                throw FileFormatError(
                    "the file is an archive (.npz or .pt): save one array with numpy.save, or JSON with .tolist()")
            }
            switch bytes.first(where: { !JSONTableScanner.isSpace($0) }) {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                var scanner = JSONTableScanner(bytes)
                let tables = try scanner.tables(
                    wanted: ["logical_count"],
                    skipped: [
                        "version", "rank", "last_physical_to_logical_map", "average_utilization_rate_over_window",
                    ])
                guard let table = tables[""] ?? tables["logical_count"] else {
                    throw FileFormatError("the object has no loads: give them under 'logical_count'")
                }
                return try table.stream()
            case nil: throw ExpertLoadsError(reason: .empty)
            default: return try CSVTable.read(bytes)
            }
        }
    }
}
