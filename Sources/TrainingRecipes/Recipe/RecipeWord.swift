/// A closed set of words that a key of a recipe takes.
public protocol RecipeWord: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// Other spellings of the words.
    static var synonyms: [String: Self] { get }
}

extension RecipeWord {
    /// No other spellings.
    public static var synonyms: [String: Self] { [:] }

    /// The word of that spelling.
    init?(spelling: String) {
        guard let word = Self(rawValue: spelling) ?? Self.synonyms[spelling] else { return nil }
        self = word
    }

    /// All words, as a message lists them.
    static var list: String {
        let words = allCases.map(\.rawValue)
        return words.count < 2
            ? words.joined() : words.dropLast().joined(separator: ", ") + " or \(words[words.count - 1])"
    }
}
