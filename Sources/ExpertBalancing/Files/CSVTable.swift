/// Reads loads from CSV: a row a layer and a column an expert.
///
/// A header is optional. With one, columns named `layer` and `iter`, `iteration`, `step` or `window` place a row;
/// all others are experts, in order. Rows of one window stand together, their layers counting from 0.
enum CSVTable {
    static func read(_ bytes: UnsafeBufferPointer<UInt8>) throws -> LoadStream {
        var index = 0
        var lineNumber = 1
        let header = headerFields(bytes, &index)
        if header != nil { lineNumber += 1 }
        let columns = header?.map { Column(named: $0) }
        var windows: [ExpertLoads] = []
        var rows: [Double] = []
        var rowCount = 0
        var experts = columns.map { $0.filter { $0 == .expert }.count }
        var window: Double?

        func close() throws {
            guard rowCount > 0 else { return }
            windows.append(try ExpertLoads(rows, expertCount: experts ?? 0))
            rows.removeAll(keepingCapacity: true)
            rowCount = 0
        }

        while index < bytes.count {
            if bytes[index] == 0x0A || bytes[index] == 0x0D {
                if bytes[index] == 0x0A { lineNumber += 1 }
                index += 1
                continue
            }
            var column = 0
            var values = 0
            var layer: Double?
            while true {
                while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
                guard let value = DecimalParser.parse(bytes, &index) else {
                    throw FileFormatError("line \(lineNumber), column \(column + 1): expected a number")
                }
                let role = columns.map { column < $0.count ? $0[column] : .expert } ?? .expert
                switch role {
                case .expert:
                    rows.append(value)
                    values += 1
                case .layer:
                    layer = value
                case .window:
                    if let window, window != value {
                        let open = rows.suffix(values)
                        rows.removeLast(values)
                        let kept = Array(open)
                        try close()
                        rows = kept
                    }
                    window = value
                }
                column += 1
                while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
                guard index < bytes.count, bytes[index] == UInt8(ascii: ",") else { break }
                index += 1
            }
            guard index == bytes.count || bytes[index] == 0x0A || bytes[index] == 0x0D else {
                throw FileFormatError("line \(lineNumber), column \(column): expected a comma after the number")
            }
            guard values == experts ?? values, values > 0 else {
                throw FileFormatError(
                    "line \(lineNumber): \(values) loads, but other rows have \(experts ?? 0): give every row as many")
            }
            experts = values
            if let layer, layer != Double(rowCount) {
                throw FileFormatError(
                    "line \(lineNumber): layer \(layer) where layer \(rowCount) is expected: sort rows by window, then layer"
                )
            }
            rowCount += 1
        }
        try close()
        return try LoadStream(windows)
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

    /// The first line's fields where it is no row of numbers.
    private static func headerFields(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> [String]? {
        let end = bytes.firstIndex(of: 0x0A) ?? bytes.count
        let line = String(decoding: bytes[0..<end], as: UTF8.self)
        let fields = line.split(separator: ",", omittingEmptySubsequences: false).map {
            $0.filter { !" \t\r\"".contains($0) }
        }
        if fields.allSatisfy({ Double($0) != nil }) { return nil }
        guard fields.contains(where: { $0.first?.isLetter ?? false }), Double(fields[fields.count - 1]) == nil else {
            return nil
        }
        index = min(end + 1, bytes.count)
        return fields
    }
}
