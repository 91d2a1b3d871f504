/// A recipe cannot be read, or cannot be run: the key, the limit and the remedy in one line.
public struct RecipeError: Error, Hashable, CustomStringConvertible {
    /// One line.
    public let description: String
    /// Whether the recipe has a key of an older version.
    let isFormerKey: Bool

    /// An error of that text, which is made one line whatever names from outside stand in it.
    public init(_ description: String) {
        self.init(description, isFormerKey: false)
    }

    init(_ description: String, isFormerKey: Bool) {
        self.description = description.oneLine
        self.isFormerKey = isFormerKey
    }
}

extension String {
    /// The text in one line, whatever names from outside are in it.
    package var oneLine: String { split { $0.isNewline }.joined(separator: " ") }
}
