/// The alignment of two sequences of which either may lack elements of the other.
package enum SequenceAlignment {
    /// The largest number of cells of the table that an alignment fills, which limits its memory to 64 MB.
    private static let maximumCells = 1 << 23

    /// Returns, for each index of `first`, the index of its partner in `second`; -1 if the partner is not certain.
    ///
    /// A partner is certain if it is the same in all longest common subsequences. Of `AAAA` and `AAA`, no element has a
    /// certain partner, since any `A` may be the missing one. O(n + m) for equal sequences, otherwise O((n + m) d) for d
    /// differences. Sequences with too many differences have no certain partners.
    package static func certainPartners(_ first: [Int64], _ second: [Int64]) -> [Int] {
        if first == second { return Array(first.indices) }
        var band = max(8, abs(first.count - second.count))
        while (first.count + 1) * (2 * band + 1) <= maximumCells {
            if let partners = certainPartners(first, second, band: band) { return partners }
            band *= 2
        }
        return [Int](repeating: -1, count: first.count)
    }

    /// Returns, for each index of `first`, the index of the element of `second` with the same number; -1 if there is
    /// none, or if a number does not occur equally often in both. Of equal numbers, the k-th are partners. O(n + m).
    static func partners(byNumber first: [Int64], _ second: [Int64]) -> [Int] {
        let indices = Dictionary(grouping: second.indices) { second[$0] }
        let counts = first.reduce(into: [Int64: Int]()) { $0[$1, default: 0] += 1 }
        var seen: [Int64: Int] = [:]
        return first.map { number in
            guard let own = indices[number], own.count == counts[number] else { return -1 }
            defer { seen[number, default: 0] += 1 }
            return own[seen[number] ?? 0]
        }
    }

    /// The certain partners by the tables of the longest common subsequences, of which only the cells with indices that
    /// differ by at most `band` are filled. Nil if a longest common subsequence may leave the band.
    private static func certainPartners(_ first: [Int64], _ second: [Int64], band: Int) -> [Int]? {
        let before = lengths(first, second, band: band)
        let after = lengths(first.reversed(), second.reversed(), band: band)
        let width = 2 * band + 1
        let cell = { (table: [Int32], row: Int, column: Int) in Int(table[row * width + column - row + band]) }
        let length = cell(before, first.count, second.count)
        let isWhole = band >= max(first.count, second.count)
        guard isWhole || first.count + second.count - 2 * length <= band else { return nil }
        // The k-th elements of all longest common subsequences. Each subsequence has one k-th element.
        var pairs = [(count: Int, first: Int, second: Int)](repeating: (0, 0, 0), count: length)
        for row in first.indices {
            for column in max(0, row - band)..<max(0, row - band, min(second.count, row + band + 1))
            where first[row] == second[column] {
                let (rowsLeft, columnsLeft) = (first.count - row - 1, second.count - column - 1)
                if abs(columnsLeft - rowsLeft) > band { continue }
                let rank = cell(before, row, column)
                let rest = cell(after, rowsLeft, columnsLeft)
                if rank + 1 + rest == length { pairs[rank] = (pairs[rank].count + 1, row, column) }
            }
        }
        var partners = [Int](repeating: -1, count: first.count)
        for pair in pairs where pair.count == 1 { partners[pair.first] = pair.second }
        return partners
    }

    /// The lengths of the longest common subsequences of all beginnings of two sequences. The row is the length of the
    /// first beginning, and the column is that of the second minus the row plus the band.
    private static func lengths(_ first: [Int64], _ second: [Int64], band: Int) -> [Int32] {
        let width = 2 * band + 1
        var table = [Int32](repeating: 0, count: (first.count + 1) * width)
        for row in 1..<first.count + 1 {
            for column in max(1, row - band)..<max(1, row - band, min(second.count, row + band) + 1) {
                let index = row * width + column - row + band
                var length: Int32 = 0
                if column - row < band { length = table[index - width + 1] }
                if column - row > -band { length = max(length, table[index - 1]) }
                if first[row - 1] == second[column - 1] { length = max(length, table[index - width] + 1) }
                table[index] = length
            }
        }
        return table
    }
}
