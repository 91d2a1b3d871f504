extension LoadStream {
    /// Reads loads from the contents of a file. The first bytes decide the format:
    ///
    /// - JSON: `experts`, `layers × experts` or `windows × layers × experts`, as an array or as SGLang's
    ///   `{"logical_count": …}`.
    /// - NumPy's `.npy`, of the same dimensions.
    /// - CSV, with one row per layer. With a header, the columns `iter` and `layer` divide the rows into windows.
    ///
    /// - Throws: ``FileFormatError`` if the contents have another format, ``ExpertLoadsError`` if they are not loads.
    /// - Complexity: O(bytes).
    public init(contents: [UInt8]) throws {
        self = try contents.withUnsafeBufferPointer { bytes in
            if bytes.starts(with: NumPyTable.magic) { return try NumPyTable.read(bytes).stream() }
            if bytes.starts(with: [0x1F, 0x8B]) {
                throw FileFormatError("the file is compressed with gzip: decompress it with 'gzip -dk' first")
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
