extension LoadStream {
    /// The indices of experts are below this number.
    private static let indexLimit = 4096.0
    /// A router chooses at most this number of experts per token.
    private static let choiceLimit = 16

    /// The rows of the table that the stream was read from: the loads of each layer of each window.
    private var rows: some Sequence<ArraySlice<Double>> {
        windows.lazy.flatMap { window in (0..<window.layerCount).lazy.map { window[layer: $0] } }
    }

    private var areWholeNumbers: Bool { windows.allSatisfy { $0.values.allSatisfy { $0 == $0.rounded() } } }

    /// A line that says why the values look like another table than loads; nil if they do not.
    ///
    /// The table holds indices if every row has each expert at least once, as in a map of slots, or if there are many
    /// rows of few distinct experts, as in a router's choices. Loads of one model differ from a router's choices, since
    /// all layers have the same number of tokens.
    var doubt: String? {
        if expertCount == 1, windows.count * layerCount > 1 {
            return "every layer has one expert, so that there is nothing to balance: give layers x experts"
        }
        let largest = windows.reduce(0) { max($0, $1.values.max() ?? 0) }
        guard expertCount > 1, largest < Self.indexLimit, areWholeNumbers else { return nil }
        let indexCount = Int(largest) + 1
        if indexCount > 1, rows.allSatisfy({ Set($0).count == indexCount }) {
            return
                "every row has each number from 0 to \(Int(largest)), like a map of slots to experts: give a map with "
                + "--current, and tokens per expert as loads"
        }
        guard expertCount <= Self.choiceLimit, windows.count * layerCount >= expertCount,
            Set(rows.map { $0.reduce(0, +) }).count > 1, rows.allSatisfy({ Set($0).count == expertCount })
        else { return nil }
        return
            "every row has \(expertCount) distinct numbers up to \(Int(largest)), like the experts that a router chooses "
            + "for each token: count them first (numpy.bincount), if they are not loads"
    }

    /// Whether the table has three columns of whole numbers, and the first two ascend like the indices of layers and
    /// experts.
    var looksLikeCountList: Bool {
        guard expertCount == 3, windows.count == 1, layerCount > 1, areWholeNumbers else { return false }
        return zip(rows, rows.dropFirst()).allSatisfy { before, after in
            before.prefix(2).lexicographicallyPrecedes(after.prefix(2))
        }
    }
}
