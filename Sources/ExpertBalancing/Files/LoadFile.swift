/// The loads in a file.
public struct LoadFile: Sendable {
    /// The loads, window after window. A history of a run has one window per step.
    public let stream: LoadStream
    /// The steps of a run, if the file is a history that a run has written; see ``LoadHistoryWriter``.
    public let history: LoadHistory?
    /// Whether the file lists counts, one per row, so that it may hold the share of one rank and omit experts without
    /// tokens.
    public let isCountList: Bool
    /// Doubts about the meaning of the file, one line each.
    public let notes: [String]

    private static let ignoredKeys: Set<String> = [
        "version", "rank", "last_physical_to_logical_map", "average_utilization_rate_over_window",
    ]
    /// The keys of placements, of Contraflow, SGLang and Ascend's engines.
    private static let placementKeys: Set<String> = [
        "physical_to_logical_map", "policy", "shape", "measures", "moe_layer_count", "layer_list",
    ]

    /// Reads loads from the contents of a file. The first bytes decide the format:
    ///
    /// - JSON: `experts`, `layers × experts` or `windows × layers × experts`, as an array or as SGLang's
    ///   `{"logical_count": …}`. With the key `steps`, the history of a run; see ``LoadHistoryWriter``.
    /// - NumPy's `.npy`, of the same dimensions.
    /// - CSV with one row per layer. With a header, the columns `iter` and `layer` divide the rows into windows.
    /// - CSV with one row per count: the columns `layer`, `expert` and `count`, as SGLang's recorder writes them.
    ///
    /// - Parameters:
    ///   - contents: The bytes of the file, not compressed.
    ///   - name: The name of the file, for the commands in messages.
    ///   - expertCount: The number of experts per layer; nil to take the number from the file. A list of counts omits
    ///     experts without tokens, so that it gives only a lower limit.
    /// - Throws: ``FileFormatError`` if the contents have another format or another number of experts,
    ///   ``ExpertLoadsError`` if they are not loads.
    /// - Complexity: O(bytes).
    public init(contents: [UInt8], name: String = "FILE", expertCount: Int? = nil) throws {
        let file = try contents.withUnsafeBufferPointer { bytes in
            switch try FileContents(bytes, name: name, key: "logical_count") {
            case .empty: throw ExpertLoadsError(reason: .empty)
            case .numPy(let bytes): try LoadFile(table: NumPyTable.read(bytes).stream())
            case .json(let bytes): try LoadFile(json: bytes)
            case .text(let bytes): try LoadFile(csv: bytes)
            }
        }
        let stream = file.stream
        let count = expertCount ?? stream.expertCount
        guard count == stream.expertCount || file.isCountList && count > stream.expertCount else {
            throw FileFormatError(
                "the layers have \(stream.expertCount.counted("expert")), but the model is said to have \(count): give the "
                    + "model's loads")
        }
        try TableLimits.check(windows: stream.windows.count, layers: stream.layerCount, columns: count)
        self.init(
            try stream.padded(layers: stream.layerCount, experts: count), isCountList: file.isCountList,
            notes: file.notes, history: file.history)
    }

    private init(_ stream: LoadStream, isCountList: Bool, notes: [String], history: LoadHistory? = nil) {
        self.stream = stream
        self.history = history
        self.isCountList = isCountList
        self.notes = notes
    }

    /// A file with a row of loads per layer.
    private init(table stream: LoadStream) {
        self.init(stream, isCountList: false, notes: stream.doubt.map { [$0] } ?? [])
    }

    private init(csv bytes: UnsafeBufferPointer<UInt8>) throws {
        var scanner = CSVScanner(bytes)
        _ = scanner.findRow()
        let header = try CSVHeader(&scanner)
        if let header, header.isCountList {
            let list = try CSVCountList.read(scanner, header: header)
            self.init(list.stream, isCountList: true, notes: list.notes)
            return
        }
        let stream = try CSVTable.read(scanner, header: header)
        if header == nil, stream.looksLikeCountList {
            throw FileFormatError(
                "the three columns look like layer, expert and count: add the header 'layer,expert,count', or 'e0,e1,e2' "
                    + "if they are the loads of three experts")
        }
        self.init(table: stream)
    }

    private init(json bytes: UnsafeBufferPointer<UInt8>) throws {
        let (table, layout) = try Self.read(json: bytes)
        guard let layout else {
            self.init(table: try table.stream())
            return
        }
        let history = try LoadHistory(table.stream(), layout: layout)
        self.init(try LoadStream(history.steps.map(\.loads)), isCountList: false, notes: [], history: history)
    }

    /// Returns the loads of a JSON text, and the steps to which they belong if the text has them.
    private static func read(
        json bytes: UnsafeBufferPointer<UInt8>
    ) throws -> (table: NumberTable, layout: LoadHistoryLayout?) {
        var scanner = JSONTableScanner(bytes)
        var table: NumberTable?
        var layout: LoadHistoryLayout?
        if scanner.isAtArray {
            table = try scanner.table()
        } else {
            try scanner.object { scanner, key in
                if key == "logical_count" {
                    table = try scanner.table()
                } else if LoadHistoryLayout.keys.contains(key) {
                    var known = layout ?? LoadHistoryLayout()
                    try known.read(key, &scanner)
                    layout = known
                } else if ignoredKeys.contains(key) {
                    try scanner.skipValue()
                } else if placementKeys.contains(key) {
                    throw scanner.keyFailure(
                        "'\(key)' belongs to a placement, not to loads: give the placement with --current")
                } else {
                    throw scanner.keyFailure(
                        "unknown key '\(key.prefix(40))': the loads are read from logical_count")
                }
            }
        }
        try scanner.end()
        guard let table else { throw FileFormatError("the object has no loads: give them under 'logical_count'") }
        return (table, layout)
    }

    /// Returns the sum of the lists of counts that the ranks of one run wrote.
    ///
    /// - Throws: ``FileFormatError`` if the files have different numbers of windows; ``ExpertLoadsError`` if there is no
    ///   file, or if a sum exceeds ``ExpertLoads/limit``.
    /// - Complexity: O(files × windows × layers × experts).
    public static func sum(_ files: [LoadFile]) throws -> LoadFile {
        let layers = files.map(\.stream.layerCount).max() ?? 0
        let experts = files.map(\.stream.expertCount).max() ?? 0
        let windows = files.first?.stream.windows.count ?? 0
        guard files.allSatisfy({ $0.stream.windows.count == windows }) else {
            throw FileFormatError("the files have different numbers of windows: give files of one run")
        }
        try TableLimits.check(windows: windows, layers: layers, columns: experts)
        let streams = try files.map { try $0.stream.padded(layers: layers, experts: experts) }
        let sums = try (0..<windows).map { window in
            try LoadStream(streams.map { $0.windows[window] }).total()
        }
        return LoadFile(try LoadStream(sums), isCountList: true, notes: files.flatMap(\.notes))
    }
}

extension LoadStream {
    /// Reads loads from the contents of a file; see ``LoadFile/init(contents:name:expertCount:)``.
    ///
    /// - Throws: ``FileFormatError`` if the contents have another format, ``ExpertLoadsError`` if they are not loads.
    /// - Complexity: O(bytes).
    public init(contents: [UInt8]) throws { self = try LoadFile(contents: contents).stream }

    /// Returns the stream with layers and experts without load added at the end.
    func padded(layers: Int, experts: Int) throws -> LoadStream {
        guard layers != layerCount || experts != expertCount else { return self }
        return try LoadStream(
            windows.map { window in
                var values = [Double](repeating: 0, count: layers * experts)
                for layer in 0..<window.layerCount {
                    values.replaceSubrange(
                        layer * experts..<layer * experts + window.expertCount, with: window[layer: layer])
                }
                return try ExpertLoads(values, expertCount: experts)
            })
    }
}
