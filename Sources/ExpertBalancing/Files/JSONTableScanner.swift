/// Reads the tables of numbers in a JSON text, without building a tree of it.
struct JSONTableScanner {
    private static let depthLimit = 64

    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The one table of a text that is an array, or the tables of an object by their keys.
    ///
    /// Values of `skipped` keys are passed over; a key that is neither there nor in `wanted` is refused.
    mutating func tables(wanted: Set<String>, skipped: Set<String>) throws -> [String: NumberTable] {
        skipSpace()
        var result: [String: NumberTable] = [:]
        guard let first = peek else { throw failure("the text is empty: give an array or an object") }
        if first == UInt8(ascii: "[") {
            result[""] = try table(dimensions: 3)
        } else if first == UInt8(ascii: "{") {
            index += 1
            skipSpace()
            if peek == UInt8(ascii: "}") {
                index += 1
            } else {
                repeat {
                    skipSpace()
                    let start = index
                    let key = try string()
                    skipSpace()
                    try expect(UInt8(ascii: ":"))
                    skipSpace()
                    if wanted.contains(key) {
                        result[key] = try table(dimensions: 3)
                    } else if skipped.contains(key) {
                        try skipValue(depth: 0)
                    } else {
                        index = start
                        let known = wanted.sorted().joined(separator: " or ")
                        throw failure("unknown key '\(key.prefix(40))': the table is read from \(known)")
                    }
                    skipSpace()
                } while try separator(UInt8(ascii: "}"))
            }
        } else {
            throw failure("expected an array or an object")
        }
        skipSpace()
        guard index == bytes.count else { throw failure("there is more after the end of the JSON text") }
        return result
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return
            }
        }
    }

    /// Whether a comma follows; the closing byte ends the list.
    private mutating func separator(_ closing: UInt8) throws -> Bool {
        if peek == UInt8(ascii: ",") {
            index += 1
            return true
        }
        try expect(closing)
        return false
    }

    private mutating func expect(_ byte: UInt8) throws {
        guard peek == byte else { throw failure("expected '\(Character(UnicodeScalar(byte)))'") }
        index += 1
    }

    private mutating func table(dimensions: Int) throws -> NumberTable {
        var depth = 0
        var probe = index
        while probe < bytes.count {
            if bytes[probe] == UInt8(ascii: "[") {
                depth += 1
            } else if ![0x20, 0x0A, 0x0D, 0x09].contains(bytes[probe]) {
                break
            }
            probe += 1
        }
        guard depth >= 1, depth <= dimensions else {
            throw failure("a table has 1 to \(dimensions) dimensions, but this one begins with \(depth) brackets")
        }
        var shape = [Int](repeating: -1, count: depth)
        var values: [Double] = []
        values.reserveCapacity(bytes.count / 8)
        try array(level: 0, &shape, &values)
        return NumberTable(shape: shape, values: values)
    }

    private mutating func array(level: Int, _ shape: inout [Int], _ values: inout [Double]) throws {
        try expect(UInt8(ascii: "["))
        var count = 0
        skipSpace()
        if peek == UInt8(ascii: "]") {
            index += 1
        } else {
            repeat {
                skipSpace()
                if level + 1 < shape.count {
                    try array(level: level + 1, &shape, &values)
                } else {
                    guard let value = DecimalParser.parse(bytes, &index) else { throw failure("expected a number") }
                    values.append(value)
                }
                count += 1
                skipSpace()
            } while try separator(UInt8(ascii: "]"))
        }
        guard shape[level] == -1 || shape[level] == count else {
            throw failure("a row of \(count) follows rows of \(shape[level]): rows must be of one length")
        }
        shape[level] = count
    }

    private mutating func string() throws -> String {
        try expect(UInt8(ascii: "\""))
        let start = index
        while let byte = peek, byte != UInt8(ascii: "\"") { index += byte == UInt8(ascii: "\\") ? 2 : 1 }
        let end = min(index, bytes.count)
        try expect(UInt8(ascii: "\""))
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private mutating func skipValue(depth: Int) throws {
        guard depth < Self.depthLimit else { throw failure("nested deeper than \(Self.depthLimit)") }
        skipSpace()
        switch peek {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            let isObject = peek == UInt8(ascii: "{")
            let closing = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
            index += 1
            skipSpace()
            if peek == closing {
                index += 1
                return
            }
            repeat {
                skipSpace()
                if isObject {
                    _ = try string()
                    skipSpace()
                    try expect(UInt8(ascii: ":"))
                }
                try skipValue(depth: depth + 1)
                skipSpace()
            } while try separator(closing)
        default:
            let start = index
            while let byte = peek, byte | 32 >= 97 && byte | 32 <= 122 || byte >= 43 && byte <= 57 && byte != 44 {
                index += 1
            }
            guard index > start else { throw failure("expected a value") }
        }
    }

    /// A failure at the current position, by line and column.
    private func failure(_ what: String) -> FileFormatError {
        let before = bytes[0..<min(index, bytes.count)]
        let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
        let column = before.count - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
        return FileFormatError("line \(line), column \(column): \(what)")
    }
}
