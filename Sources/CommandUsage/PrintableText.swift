extension String {
    /// The text for a terminal: characters that a terminal would interpret, or that change the order of others, are
    /// escaped as in Swift's literals. Names from files may have such characters.
    ///
    /// Escaping a text twice changes nothing.
    package var printable: String { printable(keeping: []) }

    /// The text of several lines for a terminal: as ``printable``, with its line breaks.
    package var printableLines: String { printable(keeping: ["\n"]) }

    private func printable(keeping kept: Set<Unicode.Scalar>) -> String {
        // Nearly all texts are plain, and tables may be long.
        guard unicodeScalars.contains(where: { $0.isControl && !kept.contains($0) }) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            if scalar.isControl, !kept.contains(scalar) {
                text += scalar.escaped(asASCII: true)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }
}

extension Unicode.Scalar {
    /// Whether the scalar controls the terminal or the direction of text, or separates lines.
    fileprivate var isControl: Bool {
        if 0x20..<0x7F ~= value { return false }
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: return true
        // The joiners are part of words and of emoji.
        case .format: return value != 0x200C && value != 0x200D
        default: return false
        }
    }
}
