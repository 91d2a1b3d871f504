/// Reads loads from CSV with one row per count: the layer, the expert and its tokens, as SGLang's recorder writes them.
///
/// Experts and layers without a row have no load. Rows of one layer and expert are added up.
struct CSVCountList {
    private static let indexLimit = 1 << 16
    private static let valueLimit = 1 << 27

    private struct Entry {
        let window: Int
        let layer: Int
        let expert: Int
        let count: Double
        let line: Int
    }

    private var entries: [Entry] = []
    /// The position of each window by its number, in the order of the file.
    private var windows: [Double: Int] = [:]

    /// Returns the loads of the rows that follow the header, and what a reader should know about them.
    static func read(_ scanner: CSVScanner, header: CSVHeader) throws -> (stream: LoadStream, notes: [String]) {
        var list = CSVCountList()
        var scanner = scanner
        while scanner.findRow() {
            if header.isRepeated(scanner) { scanner.skipLine() } else { try list.readRow(&scanner, header.columns) }
        }
        return try list.stream(hasRanks: header.columns.contains(.rank))
    }

    private mutating func readRow(_ scanner: inout CSVScanner, _ columns: [CSVHeader.Column]) throws {
        var values = [Double](repeating: 0, count: columns.count)
        var count = 0
        try scanner.row { column, value in
            if column < values.count { values[column] = value }
            count += 1
        }
        guard count == values.count else {
            throw scanner.failure(": \(count.counted("number")), but the header has \(values.count.counted("column"))")
        }
        func value(_ column: CSVHeader.Column) -> Double { columns.firstIndex(of: column).map { values[$0] } ?? 0 }
        func index(_ column: CSVHeader.Column) throws -> Int {
            guard let index = Int(exactly: value(column)), (0..<Self.indexLimit).contains(index) else {
                throw scanner.failure(": \(value(column)) is no \(column): give 0 to \(Self.indexLimit - 1)")
            }
            return index
        }
        let tokens = value(.count)
        guard tokens >= 0, tokens <= ExpertLoads.limit else {
            throw scanner.failure(": \(tokens) is not a load: give numbers from 0 to \(ExpertLoads.limit)")
        }
        let window = windows[value(.window)] ?? windows.count
        windows[value(.window)] = window
        entries.append(
            Entry(
                window: window, layer: try index(.layer), expert: try index(.expert), count: tokens,
                line: scanner.lineNumber))
    }

    private func stream(hasRanks: Bool) throws -> (LoadStream, [String]) {
        let layers = 1 + (entries.map(\.layer).max() ?? -1)
        let experts = 1 + (entries.map(\.expert).max() ?? -1)
        guard windows.count * layers * experts <= Self.valueLimit else {
            throw FileFormatError(
                "\(layers.counted("layer")) of \(experts.counted("expert")) in \(windows.count.counted("window")) exceed "
                    + "\(Self.valueLimit) values: give fewer windows")
        }
        var tables = [[Double]](repeating: [Double](repeating: -1, count: layers * experts), count: windows.count)
        var repetition: Entry?
        for entry in entries {
            let index = entry.layer * experts + entry.expert
            if tables[entry.window][index] >= 0 { repetition = repetition ?? entry }
            tables[entry.window][index] = max(0, tables[entry.window][index]) + entry.count
        }
        let stream = try LoadStream(tables.map { try ExpertLoads($0.map { max(0, $0) }, expertCount: experts) })
        guard let repetition, !hasRanks else { return (stream, []) }
        return (
            stream,
            [
                "line \(repetition.line) repeats layer \(repetition.layer), expert \(repetition.expert): the counts of "
                    + "all its rows are added up"
            ]
        )
    }
}
