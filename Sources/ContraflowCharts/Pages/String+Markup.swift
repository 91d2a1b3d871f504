import Timelines

extension String {
    /// The text with the reserved characters of XML and HTML escaped, for content and for quoted attributes.
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
            case "\"", "\\", "<", "\u{2028}", "\u{2029}", "\0"..<" ": scalar.jsonEscape
            default: nil
            }
        }
        return "\"\(text)\""
    }
}
