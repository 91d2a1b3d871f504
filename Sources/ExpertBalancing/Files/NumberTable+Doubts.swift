extension NumberTable {
    /// The indices of experts are below this number.
    private static let indexLimit = 4096.0
    /// A router chooses at most so many experts per token.
    private static let choiceLimit = 16

    private var width: Int { shape.last ?? 0 }
    private var rowCount: Int { width > 0 ? values.count / width : 0 }
    private func row(_ index: Int) -> ArraySlice<Double> { values[index * width..<(index + 1) * width] }

    /// A line that says why the values look like indices of experts instead of loads; nil if they do not.
    ///
    /// The table holds indices if every row has each expert at least once, as in a map of slots, or if there are many
    /// rows of few distinct experts, as in a router's choices. Loads of one model differ from a router's choices, since
    /// all layers have the same number of tokens.
    var doubt: String? {
        guard width > 1, values.allSatisfy({ $0 >= 0 && $0 < Self.indexLimit && $0 == $0.rounded() }) else {
            return nil
        }
        let largest = values.max() ?? 0
        let indices = 0...Int(largest)
        if largest >= 1, (0..<rowCount).allSatisfy({ indices.count == Set(row($0)).count }) {
            return
                "every row has each number from 0 to \(Int(largest)), like a map of slots to experts: give a map with "
                + "--current, and tokens per expert as loads"
        }
        let totals = Set((0..<rowCount).map { row($0).reduce(0, +) })
        guard width <= Self.choiceLimit, rowCount >= width, totals.count > 1,
            (0..<rowCount).allSatisfy({ Set(row($0)).count == width })
        else { return nil }
        return
            "every row has \(width) distinct numbers up to \(Int(largest)), like the experts that a router chooses for "
            + "each token: count them first (numpy.bincount), if they are not loads"
    }

    /// Whether the table has three columns of whole numbers, and the first two ascend like the indices of layers and
    /// experts.
    var looksLikeCountList: Bool {
        guard width == 3, rowCount > 1, values.allSatisfy({ $0 >= 0 && $0 == $0.rounded() }) else { return false }
        return (1..<rowCount).allSatisfy { index in
            let (before, after) = (Array(row(index - 1)), Array(row(index)))
            return before[0] < after[0] || before[0] == after[0] && before[1] < after[1]
        }
    }
}
