/// The name that a misspelt one is nearest to.
package enum NearName {
    /// The nearest of `candidates` that half of the name's characters, at most, lead to.
    package static func of(_ name: String, among candidates: some Sequence<String>) -> String? {
        let distances = candidates.map { (name: $0, distance: editDistance($0, name)) }
        guard let nearest = distances.min(by: { $0.distance < $1.distance }), nearest.distance <= name.count / 2 else {
            return nil
        }
        return nearest.name
    }

    /// The number of single-character changes that lead from one text to the other (Levenshtein).
    package static func editDistance(_ left: String, _ right: String) -> Int {
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
}
