/// Text for a terminal: control characters, and bytes that are not UTF-8, are written as `\x1B`, so that generated text
/// cannot send commands to the terminal. Line breaks and tabs stay.
package struct TerminalText {
    /// The bytes of an incomplete character.
    private var pending: [UInt8] = []

    package init() {}

    /// Adds bytes of UTF-8, which may end within a character.
    ///
    /// - Returns: The text of all complete characters.
    package mutating func add(_ bytes: some Sequence<UInt8>) -> String {
        pending += bytes
        var result = ""
        while let first = pending.first {
            let length = Self.length(startingWith: first)
            if pending.count < length, pending.dropFirst().allSatisfy({ $0 & 0xC0 == 0x80 }) { break }
            if let character = String(validating: pending.prefix(length), as: UTF8.self) {
                result += character.unicodeScalars.map(Self.shown).joined()
                pending.removeFirst(length)
            } else {
                result += Self.escaped(first)
                pending.removeFirst()
            }
        }
        return result
    }

    /// Returns the text of an incomplete character at the end.
    package mutating func end() -> String {
        defer { pending = [] }
        return pending.map(Self.escaped).joined()
    }

    /// Returns the number of bytes of a character that starts with `byte`; 1 if no character does.
    private static func length(startingWith byte: UInt8) -> Int {
        switch byte {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }

    private static func shown(_ scalar: Unicode.Scalar) -> String {
        guard scalar.properties.generalCategory == .control, scalar != "\n", scalar != "\t" else {
            return String(scalar)
        }
        return String(scalar).utf8.map(escaped).joined()
    }

    private static func escaped(_ byte: UInt8) -> String {
        "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}
