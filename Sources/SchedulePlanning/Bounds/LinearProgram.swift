/// A linear program: the maximum of c·x subject to A·x ≤ b and 0 ≤ x ≤ u, with b ≥ 0, by the simplex method on a dense
/// tableau (Dantzig, 1947).
///
/// The result is never below the maximum, even after rounding errors in the tableau: it is the value of the final dual
/// solution, recomputed from the original program (weak duality).
package struct LinearProgram {
    private let columnCount: Int
    private let objective: [Double]
    private let largest: [Double]
    private var rows: [[Double]] = []
    private var limits: [Double] = []

    /// A program without rows.
    ///
    /// - Parameters:
    ///   - objective: c.
    ///   - largest: u. The rows must imply this limit, too.
    package init(objective: [Double], largest: [Double]) {
        columnCount = objective.count
        self.objective = objective
        self.largest = largest
    }

    /// Adds a row of A and its entry of b.
    package mutating func require(_ row: [Double], atMost limit: Double) {
        rows.append(row)
        limits.append(max(limit, 0))
    }

    /// Returns a value that is no less than the maximum. O(rows · columns) per pivot, with at most 20 (rows + columns)
    /// pivots.
    package func upperBound() -> Double {
        let (height, width) = (rows.count, columnCount + 1)
        // The tableau, row by row, each row with its right-hand side last; the objective is the last row.
        var table = [Double](repeating: 0, count: (height + 1) * width)
        for (index, row) in rows.enumerated() {
            for column in 0..<columnCount { table[index * width + column] = row[column] }
            table[index * width + columnCount] = limits[index]
        }
        for column in 0..<columnCount { table[height * width + column] = objective[column] }
        // The columns are numbered first, then the slack variables of the rows.
        var inside = (0..<height).map { columnCount + $0 }
        var outside = Array(0..<columnCount)
        let scale = (objective.map(\.magnitude).max() ?? 1) * 1e-11
        for _ in 0..<20 * (height + columnCount) {
            guard let pivot = Self.pivot(table, height: height, width: width, tolerance: scale) else { break }
            Self.exchange(&table, height: height, width: width, pivot)
            swap(&inside[pivot.row], &outside[pivot.column])
        }
        var prices = [Double](repeating: 0, count: height)
        for (column, name) in outside.enumerated() where name >= columnCount {
            prices[name - columnCount] = max(-table[height * width + column], 0)
        }
        return value(of: prices)
    }

    /// Returns the dual value of one price per row. A column that still has a gain counts with its largest value.
    private func value(of prices: [Double]) -> Double {
        var sum = zip(prices, limits).reduce(0) { $0 + $1.0 * $1.1 }
        for column in 0..<columnCount {
            var gain = objective[column]
            for (row, price) in zip(rows, prices) where price > 0 { gain -= row[column] * price }
            if gain > 0 { sum += gain * largest[column] }
        }
        return sum
    }

    /// Returns the column with the largest gain and the row that limits this column most; nil if no column has a gain
    /// or no row limits it.
    private static func pivot(
        _ table: [Double], height: Int, width: Int, tolerance: Double
    ) -> (row: Int, column: Int)? {
        var column = -1
        var gain = tolerance
        for other in 0..<width - 1 where table[height * width + other] > gain {
            gain = table[height * width + other]
            column = other
        }
        guard column >= 0 else { return nil }
        var row = -1
        var least = Double.infinity
        for other in 0..<height where table[other * width + column] > 1e-9 {
            let ratio = table[other * width + width - 1] / table[other * width + column]
            if ratio < least {
                least = ratio
                row = other
            }
        }
        return row < 0 ? nil : (row, column)
    }

    private static func exchange(_ table: inout [Double], height: Int, width: Int, _ pivot: (row: Int, column: Int)) {
        let start = pivot.row * width
        let inverse = 1 / table[start + pivot.column]
        table.withUnsafeMutableBufferPointer { table in
            for column in 0..<width { table[start + column] *= inverse }
            table[start + pivot.column] = inverse
            for row in 0...height where row != pivot.row {
                let base = row * width
                let factor = table[base + pivot.column]
                if factor == 0 { continue }
                for column in 0..<width { table[base + column] -= factor * table[start + column] }
                table[base + pivot.column] = -factor * inverse
            }
        }
    }
}
