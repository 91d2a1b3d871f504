/// An enumeration whose cases are the values of a recipe's key.
public protocol RecipeWord: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// The cases by their alternative spellings.
    static var synonyms: [String: Self] { get }
}

extension RecipeWord {
    /// The default: no alternative spellings.
    public static var synonyms: [String: Self] { [:] }

    /// Creates the case with a spelling; nil if there is none.
    init?(spelling: String) {
        guard let word = Self(rawValue: spelling) ?? Self.synonyms[spelling] else { return nil }
        self = word
    }

    /// The list of all cases for messages, such as `cpu or cuda`.
    static var list: String {
        let words = allCases.map(\.rawValue)
        return words.count < 2
            ? words.joined() : words.dropLast().joined(separator: ", ") + " or \(words[words.count - 1])"
    }
}
