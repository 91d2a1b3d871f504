/// Looks for section headers without a name, at which the TOML parser would abort the process instead of failing.
package enum TOMLHeaders {
    /// The line, from 1, of the first `[` that begins a section but is followed by neither a name nor `]`.
    ///
    /// What stands in strings, comments, arrays and inline tables is no header.
    package static func firstWithoutName(in text: String) -> Int? {
        let stringsAndComments =
            #/"{3}(?:\\.|[^\\])*?(?:"{3,5}|\z)|'{3}.*?(?:'{3,5}|\z)|"(?:\\.|[^"\\\n])*"?|'[^'\n]*'?|\#[^\n]*/#
        let plain = text.replacing("\r\n", with: "\n").replacing(stringsAndComments.dotMatchesNewlines()) { match in
            match.output.filter(\.isNewline) + (match.output.first == "#" ? "#" : "''")
        }
        // The parser itself knows what to say of a bracket at the end.
        let lines = plain.split(separator: "\n", omittingEmptySubsequences: false)
        let header = /[ \t]*(?:\[\[|\[(?!\[))[ \t]*[^A-Za-z0-9_\-"'\] \t]/
        var depth = 0
        for (index, line) in lines.enumerated() {
            let text = index == lines.count - 1 ? String(line) : line + "\n"
            if depth == 0, text.prefixMatch(of: header) != nil { return index + 1 }
            for character in line {
                if "[{".contains(character) { depth += 1 }
                if "]}".contains(character) { depth = max(depth - 1, 0) }
            }
        }
        return nil
    }
}
