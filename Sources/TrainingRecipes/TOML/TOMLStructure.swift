/// The structure of a TOML text: its keys, brackets and line breaks without the contents of strings and comments.
///
/// It exists for ``TOMLCheck``, which has to look at a text before the parser does. Text that is not TOML has some
/// structure as well; the parser refuses it afterwards.
struct TOMLStructure {
    /// The lines of the text. A quote stands for each string, `#` for each comment.
    private(set) var lines: [[UInt8]] = [[]]

    private enum State {
        case plain
        case comment
        /// Within a string that the quote ends, or three of it if the string may have several lines.
        case string(quote: UInt8, hasLines: Bool)
    }

    init(_ text: String) {
        let bytes = Array(text.utf8)
        var state = State.plain
        // The parser skips a byte-order mark.
        var index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while index < bytes.count {
            let byte = bytes[index]
            switch state {
            case .plain where byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'"):
                let hasLines = bytes.hasThree(byte, at: index)
                index += hasLines ? 2 : 0
                state = .string(quote: byte, hasLines: hasLines)
                append(byte)
            case .plain:
                if byte == UInt8(ascii: "#") { state = .comment }
                append(byte)
            case .comment:
                if byte == Self.lineBreak {
                    state = .plain
                    append(byte)
                }
            case .string(let quote, let hasLines):
                if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                    // The character after the backslash is not a quote that ends the string.
                    index += index + 1 < bytes.count && bytes[index + 1] != Self.lineBreak ? 1 : 0
                } else if byte == Self.lineBreak {
                    if !hasLines { state = .plain }
                    append(byte)
                } else if byte == quote, !hasLines {
                    state = .plain
                } else if byte == quote, bytes.hasThree(quote, at: index) {
                    // Up to two more quotes belong to the string.
                    index += 2
                    for _ in 0..<2 where index + 1 < bytes.count && bytes[index + 1] == quote { index += 1 }
                    state = .plain
                }
            }
            index += 1
        }
    }

    private static let lineBreak = UInt8(ascii: "\n")

    private mutating func append(_ byte: UInt8) {
        if byte == Self.lineBreak { lines.append([]) } else { lines[lines.count - 1].append(byte) }
    }
}

extension [UInt8] {
    fileprivate func hasThree(_ byte: UInt8, at index: Int) -> Bool {
        index + 2 < count && self[index] == byte && self[index + 1] == byte && self[index + 2] == byte
    }
}
