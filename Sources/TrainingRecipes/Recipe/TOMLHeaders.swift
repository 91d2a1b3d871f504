/// Looks for section headers without a name, at which the TOML parser would abort the process instead of failing.
package enum TOMLHeaders {
    /// The line, from 1, of the first `[` that begins a section but is followed by neither a name nor `]`.
    ///
    /// What stands in strings, comments, arrays and inline tables is no header.
    package static func firstWithoutName(in text: String) -> Int? {
        let text = text.replacing("\r\n", with: "\n")
        // Nearly no text has such a line, and strings and comments take milliseconds to find.
        guard lines(text).contains(where: lacksName) else { return nil }
        let stringsAndComments =
            #/"{3}(?:\\.|[^\\])*?(?:"{3,5}|\z)|'{3}.*?(?:'{3,5}|\z)|"(?:\\.|[^"\\\n])*"?|'[^'\n]*'?|\#[^\n]*/#
        let plain = text.replacing(stringsAndComments.dotMatchesNewlines()) { match in
            match.output.filter(\.isNewline) + (match.output.first == "#" ? "#" : "''")
        }
        var depth = 0
        for (index, line) in lines(plain).enumerated() {
            if depth == 0, lacksName(line) { return index + 1 }
            for character in line {
                if "[{".contains(character) { depth += 1 }
                if "]}".contains(character) { depth = max(depth - 1, 0) }
            }
        }
        return nil
    }

    /// The lines with their ends: the parser itself knows what to say of a bracket at the end of the text.
    private static func lines(_ text: String) -> [Substring] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for index in lines.indices.dropLast() {
            lines[index] = text[lines[index].startIndex..<lines[index + 1].startIndex]
        }
        return lines
    }

    private static func lacksName(_ line: Substring) -> Bool {
        var rest = line.drop { $0 == " " || $0 == "\t" }
        guard rest.popFirst() == "[" else { return false }
        if rest.first == "[" { rest.removeFirst() }
        guard let next = rest.first(where: { $0 != " " && $0 != "\t" }) else { return false }
        return !(next.isASCII && (next.isLetter || next.isNumber) || "_-\"']".contains(next))
    }
}
