/// A recipe that cannot be read, or cannot be run.
public struct RecipeError: Error, Hashable, CustomStringConvertible {
    /// The key, the limit and the remedy, in one line.
    public let description: String
    /// Whether the error is that the recipe has a key of an older version.
    let isFormerKey: Bool

    /// Creates an error. Line breaks in the text, such as those in names of files, become spaces.
    public init(_ description: String) {
        self.init(description, isFormerKey: false)
    }

    init(_ description: String, isFormerKey: Bool) {
        self.description = description.oneLine
        self.isFormerKey = isFormerKey
    }
}

extension String {
    /// The text in one line, with spaces for line breaks.
    package var oneLine: String { split { $0.isNewline }.joined(separator: " ") }
}
