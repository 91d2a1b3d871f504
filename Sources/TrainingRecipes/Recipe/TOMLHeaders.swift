/// Looks for section headers without a name, at which the TOML parser would abort the process instead of failing.
package enum TOMLHeaders {
    /// The line, from 1, of the first `[` that begins a section but is followed by neither a name nor `]`.
    ///
    /// What stands in strings, comments, arrays and inline tables is no header.
    package static func firstWithoutName(in text: String) -> Int? {
        let bytes = Array(text.utf8)
        var scanner = Scanner(bytes: bytes)
        while let byte = scanner.current {
            if scanner.isAtLineStart && byte == UInt8(ascii: "[") {
                guard scanner.headerHasName() else { return scanner.line }
            }
            scanner.step()
        }
        return nil
    }
}

/// A place in a text, with what decides whether a bracket there begins a section.
private struct Scanner {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0
    private(set) var line = 1
    /// Whether nothing but blanks stands before the place on its line, outside of arrays.
    private(set) var isAtLineStart = true

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    func headerHasName() -> Bool {
        var next = position + 1
        if next < bytes.count, bytes[next] == UInt8(ascii: "[") { next += 1 }
        while next < bytes.count, bytes[next] == UInt8(ascii: " ") || bytes[next] == UInt8(ascii: "\t") { next += 1 }
        // The parser itself knows what to say of an end and of a second bracket.
        guard next < bytes.count else { return true }
        switch bytes[next] {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "\""),
            UInt8(ascii: "'"), UInt8(ascii: "]"):
            return true
        case UInt8(ascii: "["):
            return bytes[next - 1] != UInt8(ascii: "[")
        default:
            return false
        }
    }

    /// Goes on by a byte, a whole string or a whole comment.
    mutating func step() {
        let byte = bytes[position]
        switch byte {
        case UInt8(ascii: "\n"):
            line += 1
            isAtLineStart = depth == 0
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
            break
        case UInt8(ascii: "#"):
            while position + 1 < bytes.count, bytes[position + 1] != UInt8(ascii: "\n") { position += 1 }
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            isAtLineStart = false
            skipString(byte)
            return
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            isAtLineStart = false
            depth += 1
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            isAtLineStart = false
            depth = max(depth - 1, 0)
        default:
            isAtLineStart = false
        }
        position += 1
    }

    private mutating func skipString(_ quote: UInt8) {
        let isLong = bytes[position...].starts(with: [quote, quote, quote])
        position += isLong ? 3 : 1
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                position += 1
            } else if isLong, bytes[position...].starts(with: [quote, quote, quote]) {
                position += 3
                // Quotes may stand before the closing three.
                while position < bytes.count, bytes[position] == quote { position += 1 }
                return
            } else if !isLong, byte == quote || byte == UInt8(ascii: "\n") {
                position += byte == quote ? 1 : 0
                return
            }
            if position < bytes.count, bytes[position] == UInt8(ascii: "\n") { line += 1 }
            position += 1
        }
    }
}
