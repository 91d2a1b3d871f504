/// The words of a command line, prepared for the parser.
package enum CommandLineWords {
    /// Returns the words with `-` for `_` in names of options, and with negative numbers attached to their options.
    ///
    /// The parser takes a word that begins with `-` for an option. `--steps -5` becomes `--steps=-5`, so that the
    /// option's own check reports the value. Words after `--` stay unchanged.
    package static func prepared(_ words: [String]) -> [String] {
        let end = words.firstIndex(of: "--") ?? words.endIndex
        var result: [String] = []
        for word in words[..<end] {
            if isNegativeNumber(word), let option = result.last, option.hasPrefix("--"), !option.contains("=") {
                result[result.count - 1] = "\(option)=\(word)"
            } else {
                result.append(withHyphens(word))
            }
        }
        return result + words[end...]
    }

    /// Whether the word begins with a negative number, as `-5`, `-.5`, `-1e3`, `-1,4` and `-inf` do.
    private static func isNegativeNumber(_ word: String) -> Bool {
        guard word.first == "-" else { return false }
        let rest = word.dropFirst().lowercased()
        let digits = rest.hasPrefix(".") ? rest.dropFirst() : rest[...]
        return digits.first?.isNumber == true || ["inf", "infinity", "nan"].contains(rest)
    }

    /// Replaces `_` by `-` in the name of an option. The value stays unchanged.
    private static func withHyphens(_ word: String) -> String {
        guard word.hasPrefix("--") else { return word }
        let name = word.prefix { $0 != "=" }
        return String(name).replacing("_", with: "-") + word.dropFirst(name.count)
    }
}
