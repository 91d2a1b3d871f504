/// The basis of a ``CoveringProgram``: the rows with a price, as many ties between options, and the factors of their
/// matrix.
///
/// A tie demands that two options of an expert are worth the same. The prices of the rows follow from the ties.
struct CoveringBasis: ~Copyable {
    static let capacity = 40

    struct Tie {
        var expert: Int32
        /// The option that is worth as much as the expert's chosen option.
        var other: Int32
    }

    private(set) var count = 0
    let rows = ScratchBuffer<Int32>(capacity)
    let ties = ScratchBuffer<Tie>(capacity)
    /// The price of each row of the basis.
    let prices = ScratchBuffer<Double>(capacity)
    /// The fraction of each tie's second option.
    let fractions = ScratchBuffer<Double>(capacity)
    /// The change of each row's price per unit of a step.
    let steps = ScratchBuffer<Double>(capacity)
    /// The matrix: for each tie and each row, the coverage gained by the second option. Then its LU factors.
    let matrix = ScratchBuffer<Double>(capacity * capacity)
    private let order = ScratchBuffer<Int32>(capacity)
    private let scratch = ScratchBuffer<Double>(capacity)

    var isFull: Bool { count == Self.capacity }

    mutating func removeAll() { count = 0 }

    mutating func append(row: Int32, tie: Tie) {
        rows[count] = row
        ties[count] = tie
        count += 1
    }

    mutating func remove(row: Int, tie: Int) {
        count -= 1
        rows[row] = rows[count]
        ties[tie] = ties[count]
    }

    /// Factors the matrix with partial pivoting. Returns false if the matrix is nearly singular. O(count³).
    func factor() -> Bool {
        for index in 0..<count { order[index] = Int32(truncatingIfNeeded: index) }
        for column in 0..<count {
            var pivot = column
            for row in column + 1..<max(count, column + 1)
            where abs(matrix[row * Self.capacity + column]) > abs(matrix[pivot * Self.capacity + column]) {
                pivot = row
            }
            let value = matrix[pivot * Self.capacity + column]
            guard abs(value) > 1e-9 else { return false }
            if pivot != column {
                order.elements.swapAt(pivot, column)
                for index in 0..<count {
                    matrix.elements.swapAt(pivot * Self.capacity + index, column * Self.capacity + index)
                }
            }
            for row in column + 1..<max(count, column + 1) {
                let factor = matrix[row * Self.capacity + column] / value
                matrix[row * Self.capacity + column] = factor
                guard factor != 0 else { continue }
                for index in column + 1..<max(count, column + 1) {
                    matrix[row * Self.capacity + index] -= factor * matrix[column * Self.capacity + index]
                }
            }
        }
        return true
    }

    /// Solves matrix · x = values, where `values` has one value per tie, and `result` gets one per row.
    @inline(__always) func solve(_ values: (Int) -> Double, _ result: borrowing ScratchBuffer<Double>) {
        for row in 0..<count {
            var sum = values(Int(order[row]))
            for column in 0..<row { sum -= matrix[row * Self.capacity + column] * result[column] }
            result[row] = sum
        }
        for row in stride(from: count - 1, through: 0, by: -1) {
            var sum = result[row]
            for column in row + 1..<max(count, row + 1) { sum -= matrix[row * Self.capacity + column] * result[column] }
            result[row] = sum / matrix[row * Self.capacity + row]
        }
    }

    /// Solves matrixᵀ · x = values, where `values` has one value per row, and `result` gets one per tie.
    @inline(__always) func solveTransposed(_ values: (Int) -> Double, _ result: borrowing ScratchBuffer<Double>) {
        for column in 0..<count {
            var sum = values(column)
            for row in 0..<column { sum -= matrix[row * Self.capacity + column] * scratch[row] }
            scratch[column] = sum / matrix[column * Self.capacity + column]
        }
        for column in stride(from: count - 1, through: 0, by: -1) {
            var sum = scratch[column]
            for row in column + 1..<max(count, column + 1) {
                sum -= matrix[row * Self.capacity + column] * scratch[row]
            }
            scratch[column] = sum
            result[Int(order[column])] = sum
        }
    }
}
