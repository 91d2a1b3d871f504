/// The name that a misspelt one is nearest to.
package enum NearName {
    /// The nearest of `candidates`: one that begins with the name, or that changes of a third of its characters lead to.
    package static func of(_ name: String, among candidates: some Sequence<String>) -> String? {
        let distances = candidates.map { (name: $0, distance: $0.hasPrefix(name) ? 1 : editDistance($0, name)) }
        guard let nearest = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return nearest.distance <= max((name.count + 1) / 3, 1) ? nearest.name : nil
    }

    /// The number of single-character changes and swaps of neighbours that lead from one text to the other
    /// (Damerau and Levenshtein's optimal string alignment).
    package static func editDistance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var rows = [Array(0...right.count)]
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                var cost = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    cost = min(cost, rows[i - 1][j - 1] + 1)
                }
                row.append(cost)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
