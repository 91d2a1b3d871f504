/// Reads loads from CSV with one row per layer and one column per expert.
///
/// A header is optional. In a header, the column `layer` and the column `iter`, `iteration`, `step` or `window` name
/// the layer and the window of each row. All other columns are experts, in order. The rows of one window are adjacent,
/// and their layers count from 0.
struct CSVTable {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0
    private var lineNumber = 1
    private var columns: [Column] = []
    private var expertCount: Int?
    private var windows: [ExpertLoads] = []
    /// The rows of the window that is being read, and the window's number if the CSV has a window column.
    private var rows: [Double] = []
    private var rowCount = 0
    private var window: Double?
    /// The loads of the row that is being read.
    private var row: [Double] = []

    static func read(_ bytes: UnsafeBufferPointer<UInt8>) throws -> LoadStream {
        var table = CSVTable(bytes)
        while table.index < bytes.count {
            if !table.skipLineEnd() { try table.readRow() }
        }
        try table.closeWindow()
        return try LoadStream(table.windows)
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        guard let header = Self.headerFields(bytes, &index) else { return }
        lineNumber += 1
        columns = header.map { Column(named: $0) }
        expertCount = columns.count { $0 == .expert }
    }

    private mutating func readRow() throws {
        row.removeAll(keepingCapacity: true)
        var layer: Double?
        var column = 0
        repeat {
            let value = try number(column)
            switch column < columns.count ? columns[column] : .expert {
            case .expert: row.append(value)
            case .layer: layer = value
            case .window:
                if let window, window != value { try closeWindow() }
                window = value
            }
            column += 1
        } while skipComma()
        guard index == bytes.count || bytes[index] == 0x0A || bytes[index] == 0x0D else {
            throw FileFormatError("line \(lineNumber), column \(column): expected a comma after the number")
        }
        guard row.count == expertCount ?? row.count, !row.isEmpty else {
            throw FileFormatError(
                "line \(lineNumber): \(row.count.counted("load")), but other rows have \(expertCount ?? 0): "
                    + "give every row the same number")
        }
        expertCount = row.count
        if let layer, layer != Double(rowCount) {
            throw FileFormatError(
                "line \(lineNumber): the row has layer \(Int(exactly: layer).map(String.init) ?? "\(layer)"), but layer "
                    + "\(rowCount) is expected: sort rows by window, then layer")
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

    private mutating func number(_ column: Int) throws -> Double {
        skipSpace()
        guard let value = DecimalParser.parse(bytes, &index) else {
            throw FileFormatError("line \(lineNumber), column \(column + 1): expected a number")
        }
        skipSpace()
        return value
    }

    private mutating func skipSpace() {
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
    }

    private mutating func skipComma() -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: ",") else { return false }
        index += 1
        return true
    }

    private mutating func skipLineEnd() -> Bool {
        guard bytes[index] == 0x0A || bytes[index] == 0x0D else { return false }
        if bytes[index] == 0x0A { lineNumber += 1 }
        index += 1
        return true
    }

    private enum Column {
        case expert, layer, window

        init(named name: String) {
            switch name.lowercased() {
            case "layer": self = .layer
            case "iter", "iteration", "step", "window": self = .window
            default: self = .expert
            }
        }
    }

    /// Returns the fields of the first line and moves `index` past the line; nil if the line is a row of numbers.
    private static func headerFields(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> [String]? {
        let end = bytes.firstIndex(of: 0x0A) ?? bytes.count
        let line = String(decoding: bytes[0..<end], as: UTF8.self)
        let fields = line.split(separator: ",", omittingEmptySubsequences: false).map {
            $0.filter { !" \t\r\"".contains($0) }
        }
        guard fields.contains(where: { $0.first?.isLetter ?? false }), Double(fields[fields.count - 1]) == nil else {
            return nil
        }
        index = min(end + 1, bytes.count)
        return fields
    }
}
