extension String {
    /// The text as a JSON string, with its quotes.
    package var jsonQuoted: String {
        let text = escaped { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\u{8}": "\\b"
            case "\t": "\\t"
            case "\n": "\\n"
            case "\u{C}": "\\f"
            case "\r": "\\r"
            case "\0"..<" ": scalar.jsonEscape
            default: nil
            }
        }
        return "\"\(text)\""
    }

    /// Returns the text with each character replaced for which `replacement` returns a string.
    package func escaped(_ replacement: (Unicode.Scalar) -> String?) -> String {
        guard unicodeScalars.contains(where: { replacement($0) != nil }) else { return self }
        var result = ""
        for scalar in unicodeScalars {
            if let text = replacement(scalar) { result += text } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }
}

extension Unicode.Scalar {
    /// The character as a JSON escape, such as `\u001f`. The character has at most 16 bits.
    package var jsonEscape: String { "\\u" + String(value + 0x10000, radix: 16).dropFirst() }
}

extension Int64 {
    /// Returns the number with a decimal point before its last `count` digits, such as 1.042 for 1042 and 3.
    package func withDecimals(_ count: Int) -> String {
        let scale = (0..<count).reduce(1 as UInt64) { scale, _ in scale * 10 }
        return "\(self < 0 ? "-" : "")\(magnitude / scale).\(String(magnitude % scale + scale).dropFirst())"
    }
}
