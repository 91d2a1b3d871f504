/// A recipe cannot be read, or cannot be run: the field, the limit and the remedy in one line.
public struct RecipeError: Error, Hashable, CustomStringConvertible {
    /// One line.
    public let description: String

    /// An error of that text, which is made one line whatever names from outside stand in it.
    public init(_ description: String) {
        self.description = description.split { $0.isNewline }.joined(separator: " ")
    }

    static func unknownKey(_ name: String) -> RecipeError {
        let distances = Recipe.fields.map { (name: $0.name, distance: editDistance($0.name, name)) }
        guard let nearest = distances.min(by: { $0.distance < $1.distance }), nearest.distance <= name.count / 2 else {
            return RecipeError("there is no key '\(name)' in a recipe: --print-recipe shows all")
        }
        return RecipeError("there is no key '\(name)' in a recipe: did you mean '\(nearest.name)'?")
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
