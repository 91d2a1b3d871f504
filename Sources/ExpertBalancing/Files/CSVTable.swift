/// Reads loads from CSV with one row per layer and one column per expert.
///
/// A header is optional. Its columns of layers and windows name the layer and the window of each row. The rows of one
/// window are adjacent, and their layers count from 0.
struct CSVTable {
    private var scanner: CSVScanner
    private let columns: [CSVHeader.Column]
    private var expertCount: Int?
    private var windows: [ExpertLoads] = []
    /// The rows of the window that is being read, and the window's number if the CSV has a window column.
    private var rows: [Double] = []
    private var rowCount = 0
    private var window: Double?

    /// Reads the rows that follow the header.
    static func read(_ scanner: CSVScanner, header: CSVHeader?) throws -> LoadStream {
        var table = CSVTable(scanner, header)
        while table.scanner.findRow() { try table.readRow() }
        try table.closeWindow()
        return try LoadStream(table.windows)
    }

    private init(_ scanner: CSVScanner, _ header: CSVHeader?) {
        self.scanner = scanner
        columns = header?.columns ?? []
        if let header { expertCount = header.columns.count { if case .expertLoad = $0 { true } else { false } } }
    }

    private mutating func readRow() throws {
        var row: [Double] = []
        row.reserveCapacity(expertCount ?? 0)
        var layer: Double?
        var rowWindow = window
        try scanner.row { [columns] column, value in
            switch column < columns.count ? columns[column] : .expertLoad(column) {
            case .layer: layer = value
            case .window: rowWindow = value
            default: row.append(value)
            }
        }
        guard row.count == expertCount ?? row.count, !row.isEmpty else {
            throw scanner.failure(
                ": \(row.count.counted("load")), but other rows have \(expertCount ?? 0): give every row the same number"
            )
        }
        expertCount = row.count
        do throws(FileFormatError) {
            try TableLimits.check(
                windows: windows.count + 1, layers: max(rowCount + 1, windows.first?.layerCount ?? 0),
                columns: row.count)
        } catch {
            throw scanner.failure(": \(error)")
        }
        if window != nil, rowWindow != window { try closeWindow() }
        window = rowWindow
        if let layer, layer != Double(rowCount) {
            throw scanner.failure(
                ": the row has layer \(Int(exactly: layer).map(String.init) ?? "\(layer)"), but layer \(rowCount) is "
                    + "expected: sort rows by window, then layer")
        }
        rows += row
        rowCount += 1
    }

    private mutating func closeWindow() throws {
        guard rowCount > 0 else { return }
        windows.append(try ExpertLoads(rows, expertCount: expertCount ?? 0))
        rows.removeAll(keepingCapacity: true)
        rowCount = 0
    }
}
