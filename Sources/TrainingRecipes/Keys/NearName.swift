/// The suggestion for a misspelled name.
package enum NearName {
    /// Returns the candidate nearest to `name`. The candidate begins with `name`, or differs from `name` in at most a
    /// third of the characters. nil if there is no such candidate.
    package static func of(_ name: String, among candidates: some Sequence<String>) -> String? {
        let distances = candidates.map { (name: $0, distance: $0.hasPrefix(name) ? 1 : editDistance($0, name)) }
        guard let nearest = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return nearest.distance <= max((name.count + 1) / 3, 1) ? nearest.name : nil
    }

    /// Returns the edit distance of two texts: the number of insertions, deletions, substitutions and swaps of
    /// neighboring characters (Damerau–Levenshtein distance, optimal string alignment).
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
