/// A recipe cannot be read, or cannot be run: the field, the limit and the remedy in one line.
public struct RecipeError: Error, Hashable, CustomStringConvertible {
    /// One line.
    public let description: String

    /// An error of that text.
    public init(_ description: String) {
        self.description = description
    }

    static func unknownKey(_ name: String) -> RecipeError {
        let nearest = Recipe.fields.map(\.name).min { editDistance($0, name) < editDistance($1, name) } ?? ""
        return RecipeError("there is no key '\(name)' in a recipe: did you mean '\(nearest)'?")
    }
}

/// How many single-character changes lead from one text to the other (Levenshtein).
private func editDistance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (i, character) in left.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, other) in right.enumerated() {
            let cost = min(row[j] + 1, row[j + 1] + 1, diagonal + (character == other ? 0 : 1))
            diagonal = row[j + 1]
            row[j + 1] = cost
        }
    }
    return row[right.count]
}
