extension String {
    /// The text with the characters escaped that XML and HTML reserve, for content and for quoted attributes.
    package var markupEscaped: String {
        escaped { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: nil
            }
        }
    }

    /// The text as a JSON string, quotes included, that cannot end the script element around it.
    var scriptQuoted: String {
        let text = escaped { scalar in
            switch scalar {
            case "\"", "\\", "<", "\u{2028}", "\u{2029}", "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default:
                return nil
            }
        }
        return "\"\(text)\""
    }

    /// The text with the characters replaced for which there is a replacement.
    private func escaped(_ replacement: (Unicode.Scalar) -> String?) -> String {
        guard unicodeScalars.contains(where: { replacement($0) != nil }) else { return self }
        var result = ""
        for scalar in unicodeScalars {
            if let text = replacement(scalar) { result += text } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }
}
