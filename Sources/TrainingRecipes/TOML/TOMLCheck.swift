/// The checks of a TOML text before the parser reads it.
///
/// The parser aborts the process at a section without a name and at some brackets that do not match. It recurses for each
/// part of a key and each bracket, so that a text of dotted keys would exhaust the stack.
package enum TOMLCheck {
    /// The largest size of a TOML file, in bytes.
    package static let byteLimit = 8 << 20
    /// The largest number of keys and sections.
    package static let keyLimit = 10_000
    /// The largest number of parts of a key, and of brackets around a value.
    package static let depthLimit = 16

    /// Checks a text.
    ///
    /// - Throws: ``TOMLError`` at the first section without a name or key, value or size beyond the limits.
    /// - Complexity: O(bytes).
    package static func check(_ text: String) throws(TOMLError) {
        guard text.utf8.count <= byteLimit else {
            throw TOMLError(reason: "the file has \(text.utf8.count) bytes: give at most \(byteLimit)")
        }
        let lines = TOMLStructure(text).lines
        var brackets: [UInt8] = []
        var keys = 0
        for (index, line) in lines.enumerated() {
            func error(_ reason: String) -> TOMLError { TOMLError(line: index + 1, reason: reason) }
            if brackets.isEmpty, lacksName(line, isLast: index == lines.count - 1) {
                throw error("the section after '[' has no name: write [section]")
            }
            if brackets.isEmpty, line.first(where: { !isBlank($0) }) == UInt8(ascii: "[") { keys += 1 }
            var parts = 1
            for byte in line {
                switch byte {
                case UInt8(ascii: "."): parts += 1
                case UInt8(ascii: "="), UInt8(ascii: ","):
                    parts = 1
                    if byte == UInt8(ascii: "=") { keys += 1 }
                case UInt8(ascii: "["), UInt8(ascii: "{"):
                    parts = 1
                    brackets.append(byte)
                case UInt8(ascii: "]"), UInt8(ascii: "}"):
                    let opening = UInt8(ascii: byte == UInt8(ascii: "]") ? "[" : "{")
                    guard brackets.popLast() == opening else {
                        throw error("the bracket '\(Character(UnicodeScalar(byte)))' closes none: remove it")
                    }
                default: break
                }
                guard parts <= depthLimit else { throw error("a key has more than \(depthLimit) parts: give fewer") }
                guard brackets.count <= depthLimit else {
                    throw error("a value is nested deeper than \(depthLimit) brackets: give fewer")
                }
            }
            guard keys <= keyLimit else {
                throw error("the file has more than \(keyLimit) keys and sections: give fewer")
            }
        }
    }

    /// Returns whether the line is a section header without a name. If the text ends after the bracket, the parser itself
    /// reports the error.
    private static func lacksName(_ line: [UInt8], isLast: Bool) -> Bool {
        var rest = line.drop(while: isBlank)
        guard rest.popFirst() == UInt8(ascii: "[") else { return false }
        if rest.first == UInt8(ascii: "[") { rest.removeFirst() }
        guard let next = rest.first(where: { !isBlank($0) }) else { return !isLast }
        let scalar = Character(UnicodeScalar(next))
        return !(scalar.isASCII && (scalar.isLetter || scalar.isNumber) || "_-\"']".contains(scalar))
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
