/// Reads the objects and the tables of numbers in a JSON text without building a tree of values.
struct JSONTableScanner {
    private static let depthLimit = 64

    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0
    /// The position of the last key of an object.
    private var keyIndex = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Whether the next value is an array.
    var isAtArray: Bool { mutating get { skipSpace(); return peek == UInt8(ascii: "[") } }

    /// Reads an object. `readMember` receives each key and reads its value.
    mutating func object(_ readMember: (inout Self, _ key: String) throws -> Void) throws {
        skipSpace()
        guard peek == UInt8(ascii: "{") else { throw failure("expected an array or an object") }
        index += 1
        try list(to: UInt8(ascii: "}")) { scanner in
            scanner.keyIndex = scanner.index
            let key = try scanner.key()
            try readMember(&scanner, key)
        }
    }

    /// Returns an error that names the position of the last key.
    mutating func keyFailure(_ what: String) -> FileFormatError {
        index = keyIndex
        return failure(what)
    }

    /// Reads an array. `readElement` reads each element.
    mutating func array(_ readElement: (inout Self) throws -> Void) throws {
        skipSpace()
        try expect(UInt8(ascii: "["))
        try list(to: UInt8(ascii: "]"), readElement)
    }

    /// Reads a whole number.
    mutating func integer() throws -> Int {
        skipSpace()
        guard let value = DecimalParser.parse(bytes, &index), let integer = Int(exactly: value) else {
            throw failure("expected a whole number")
        }
        return integer
    }

    /// Checks that the text ends after the value that was read.
    mutating func end() throws {
        skipSpace()
        guard index == bytes.count else { throw failure("there is text after the end of the JSON value: remove it") }
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    private mutating func skipSpace() {
        while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
    }

    /// Reads the members of a list, the commas between them and the closing byte. The opening byte has been read
    /// already.
    @inline(__always)
    private mutating func list(to closing: UInt8, _ readMember: (inout Self) throws -> Void) throws {
        skipSpace()
        if peek == closing {
            index += 1
            return
        }
        while true {
            skipSpace()
            try readMember(&self)
            skipSpace()
            guard peek == UInt8(ascii: ",") else { return try expect(closing) }
            index += 1
        }
    }

    /// Reads the key of a member and the colon. The value is next.
    private mutating func key() throws -> String {
        let key = try string()
        skipSpace()
        try expect(UInt8(ascii: ":"))
        skipSpace()
        return key
    }

    private mutating func expect(_ byte: UInt8) throws {
        guard peek == byte else { throw failure("expected '\(Character(UnicodeScalar(byte)))'") }
        index += 1
    }

    /// Reads a table of up to three dimensions, whose rows have equal lengths.
    mutating func table() throws -> NumberTable {
        let dimensions = 3
        skipSpace()
        let opening = bytes[index...].prefix { $0 == UInt8(ascii: "[") || Self.isSpace($0) }
        let depth = opening.count { $0 == UInt8(ascii: "[") }
        guard depth >= 1, depth <= dimensions else {
            throw failure("a table has 1 to \(dimensions) dimensions, but this one begins with \(depth) brackets")
        }
        var shape = [Int](repeating: -1, count: depth)
        var values: [Double] = []
        values.reserveCapacity(bytes.count / 8)
        try rows(level: 0, &shape, &values)
        return NumberTable(shape: shape, values: values)
    }

    private mutating func rows(level: Int, _ shape: inout [Int], _ values: inout [Double]) throws {
        try expect(UInt8(ascii: "["))
        var count = 0
        try list(to: UInt8(ascii: "]")) { scanner in
            if level + 1 < shape.count {
                try scanner.rows(level: level + 1, &shape, &values)
            } else {
                guard let value = DecimalParser.parse(scanner.bytes, &scanner.index) else {
                    throw scanner.failure("expected a number")
                }
                guard values.count < TableLimits.values else {
                    throw scanner.failure("the table has more than \(TableLimits.values) values: give fewer")
                }
                values.append(value)
            }
            count += 1
        }
        guard shape[level] == -1 || shape[level] == count else {
            throw failure("a row of \(count) follows rows of \(shape[level]): give rows of equal length")
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

    /// Reads a value of any kind and ignores it.
    mutating func skipValue(depth: Int = 0) throws {
        guard depth < Self.depthLimit else { throw failure("a value is nested deeper than \(Self.depthLimit) levels") }
        skipSpace()
        switch peek {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            let isObject = peek == UInt8(ascii: "{")
            index += 1
            try list(to: isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) { scanner in
                if isObject { _ = try scanner.key() }
                try scanner.skipValue(depth: depth + 1)
            }
        default:
            let start = index
            while let byte = peek, byte | 32 >= 97 && byte | 32 <= 122 || byte >= 43 && byte <= 57 && byte != 44 {
                index += 1
            }
            guard index > start else { throw failure("expected a value") }
        }
    }

    /// Returns an error that names the line and the column of the current position.
    private func failure(_ what: String) -> FileFormatError {
        let before = bytes[0..<min(index, bytes.count)]
        let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
        let column = before.count - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
        return FileFormatError("line \(line), column \(column): \(what)")
    }
}
