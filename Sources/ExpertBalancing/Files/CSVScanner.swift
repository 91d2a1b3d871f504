/// Reads the numbers of a CSV text, and counts its lines for messages.
struct CSVScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    private(set) var index = 0
    private(set) var lineNumber = 1

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Moves past the ends of lines and returns whether a row follows.
    mutating func findRow() -> Bool {
        while index < bytes.count {
            guard bytes[index] == 0x0A || bytes[index] == 0x0D else { return true }
            if bytes[index] == 0x0A { lineNumber += 1 }
            index += 1
        }
        return false
    }

    /// Reads the numbers of a row. Passes each number with its column to `readNumber`.
    @inline(__always) mutating func row(_ readNumber: (_ column: Int, _ value: Double) throws -> Void) throws {
        var column = 0
        repeat {
            skipSpace()
            guard let value = DecimalParser.parse(bytes, &index) else {
                throw failure(", column \(column + 1): expected a number")
            }
            skipSpace()
            try readNumber(column, value)
            column += 1
        } while skipComma()
        guard index == bytes.count || bytes[index] == 0x0A || bytes[index] == 0x0D else {
            throw failure(", column \(column): expected a comma after the number")
        }
    }

    /// The current line, from the current position to its end.
    var line: Slice<UnsafeBufferPointer<UInt8>> { bytes[index...].prefix { $0 != 0x0A && $0 != 0x0D } }

    /// Returns the fields of the current line without spaces and quotes.
    ///
    /// - Throws: ``FileFormatError`` if the line is longer than that of a table.
    func fields() throws -> [String] {
        guard line.count <= TableLimits.columns * 32 else {
            throw failure(": the line has \(line.count) bytes: give at most \(TableLimits.columns) columns")
        }
        return String(decoding: line, as: UTF8.self).split(separator: ",", omittingEmptySubsequences: false).map {
            $0.filter { !" \t\r\"".contains($0) }
        }
    }

    mutating func skipLine() {
        index = bytes[index...].firstIndex(of: 0x0A) ?? bytes.count
    }

    /// Returns an error that names the current line.
    func failure(_ what: String) -> FileFormatError { FileFormatError("line \(lineNumber)\(what)") }

    private mutating func skipSpace() {
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
    }

    private mutating func skipComma() -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: ",") else { return false }
        index += 1
        return true
    }
}
