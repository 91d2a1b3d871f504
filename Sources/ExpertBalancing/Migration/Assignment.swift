/// One-to-one assignments of rows to columns.
enum Assignment {
    /// Returns the row of each column with the least sum of costs (the Hungarian method with shortest augmenting
    /// paths). O(n³).
    static func best(_ count: Int, cost: (Int, Int) -> Double) -> [Int] {
        var rowPrice = [Double](repeating: 0, count: count + 1)
        var columnPrice = rowPrice
        var rowOfColumn = [Int](repeating: 0, count: count + 1)
        var previous = [Int](repeating: 0, count: count + 1)
        for row in stride(from: 1, through: count, by: 1) {
            rowOfColumn[0] = row
            var column = 0
            var distance = [Double](repeating: .infinity, count: count + 1)
            var isDone = [Bool](repeating: false, count: count + 1)
            repeat {
                isDone[column] = true
                let current = rowOfColumn[column]
                var step = Double.infinity
                var next = 0
                for other in stride(from: 1, through: count, by: 1) where !isDone[other] {
                    let reduced = cost(current - 1, other - 1) - rowPrice[current] - columnPrice[other]
                    if reduced < distance[other] {
                        distance[other] = reduced
                        previous[other] = column
                    }
                    if distance[other] < step {
                        step = distance[other]
                        next = other
                    }
                }
                for other in 0...count {
                    if isDone[other] {
                        rowPrice[rowOfColumn[other]] += step
                        columnPrice[other] -= step
                    } else {
                        distance[other] -= step
                    }
                }
                column = next
            } while rowOfColumn[column] != 0
            repeat {
                let back = previous[column]
                rowOfColumn[column] = rowOfColumn[back]
                column = back
            } while column != 0
        }
        return rowOfColumn.dropFirst().map { $0 - 1 }
    }

    /// Returns a row for each column. Pairs with the largest `kept` come first; the remaining rows are assigned in
    /// order. O(n² + pairs × log pairs).
    static func greedy(_ count: Int, _ kept: [Int32], _ mayTake: (Int, Int) -> Bool) -> [Int] {
        var pairs: [(kept: Int32, row: Int, column: Int)] = []
        for row in 0..<count {
            for column in 0..<count where kept[row * count + column] > 0 && mayTake(row, column) {
                pairs.append((kept[row * count + column], row, column))
            }
        }
        pairs.sort { $0.kept != $1.kept ? $0.kept > $1.kept : ($0.row, $0.column) < ($1.row, $1.column) }
        var rowOfColumn = [Int](repeating: -1, count: count)
        var isTaken = [Bool](repeating: false, count: count)
        for pair in pairs where !isTaken[pair.row] && rowOfColumn[pair.column] < 0 {
            rowOfColumn[pair.column] = pair.row
            isTaken[pair.row] = true
        }
        // `mayTake` divides the devices into classes, and each class has as many columns left as rows.
        for row in 0..<count where !isTaken[row] {
            if let column = (0..<count).first(where: { rowOfColumn[$0] < 0 && mayTake(row, $0) }) {
                rowOfColumn[column] = row
            }
        }
        return rowOfColumn
    }
}
