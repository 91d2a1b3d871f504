/// Finds section headers without a name, for which the TOML parser would abort the process instead of throwing an
/// error.
package enum TOMLHeaders {
    /// Returns the line, counted from 1, of the first `[` that begins a section but is followed by neither a name nor
    /// `]`; nil if there is none.
    ///
    /// Brackets in strings, comments, arrays and inline tables do not begin a section.
    package static func firstWithoutName(in text: String) -> Int? {
        let text = text.replacing("\r\n", with: "\n")
        // Most texts have no such line. This test is fast, while finding strings and comments takes milliseconds.
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

    /// Returns the lines with their line breaks. The last line has no line break: if it ends after the bracket, the
    /// parser itself reports the error.
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
