/// Reads loads from CSV with one row per count: the layer, the expert and its tokens, as SGLang's recorder writes them.
///
/// Experts and layers without a row have no load. Rows of one layer and expert are added up.
struct CSVCountList {
    private struct Entry {
        let count: Double
        let window: Int32
        let line: Int32
        let layer: UInt16
        let expert: UInt16
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
        func index(_ column: CSVHeader.Column) throws -> UInt16 {
            guard let index = UInt16(exactly: value(column)) else {
                throw scanner.failure(": \(value(column)) is no \(column): give 0 to \(UInt16.max)")
            }
            return index
        }
        let tokens = value(.count)
        guard tokens >= 0, tokens <= ExpertLoads.limit else {
            throw scanner.failure(": \(tokens) is not a load: give numbers from 0 to \(ExpertLoads.limit)")
        }
        guard entries.count < TableLimits.counts else {
            throw scanner.failure(": the list has more than \(TableLimits.counts) counts: give fewer windows")
        }
        let window = windows[value(.window)] ?? windows.count
        windows[value(.window)] = window
        entries.append(
            Entry(
                count: tokens, window: Int32(window), line: Int32(clamping: scanner.lineNumber),
                layer: try index(.layer), expert: try index(.expert)))
    }

    private func stream(hasRanks: Bool) throws -> (LoadStream, [String]) {
        let layers = 1 + (entries.lazy.map { Int($0.layer) }.max() ?? -1)
        let experts = 1 + (entries.lazy.map { Int($0.expert) }.max() ?? -1)
        try TableLimits.check(windows: windows.count, layers: layers, columns: experts)
        var tables = [[Double]](repeating: [Double](repeating: -1, count: layers * experts), count: windows.count)
        var repetition: Entry?
        for entry in entries {
            let index = Int(entry.layer) * experts + Int(entry.expert)
            let window = Int(entry.window)
            if tables[window][index] >= 0 { repetition = repetition ?? entry }
            tables[window][index] = max(0, tables[window][index]) + entry.count
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
