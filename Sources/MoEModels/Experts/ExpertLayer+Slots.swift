import ExpertBalancing
import LibTorch

/// The assignment of rows to slots, and the replicas that are fetched for a micro-batch.
extension ExpertLayer {
    /// Whether the rows of a micro-batch are assigned to slots before they are sent.
    var assignsRows: Bool { layout != nil }

    /// Whether micro-batches fetch replicas of experts.
    var fetchesReplicas: Bool { layout?.fetchesReplicas ?? false }

    /// Returns the rows of tokens in the order in which they are sent to the slots of their experts.
    ///
    /// - Parameters:
    ///   - h_TD: The tokens.
    ///   - choices: The choices of the tokens, sorted by expert.
    ///   - counts: The number of rows of each rank for each expert. The rows are assigned to slots.
    func rows(_ h_TD: Tensor, choices: ExpertChoices, counts: GatheredCounts) throws -> RoutedRows {
        guard let layout else { return try RoutedRows(h_TD, choices) }
        try counts.assign(to: layout, layer: layer)
        return try RoutedRows(h_TD, choices.reordered(counts.blocks(ofRank: share.index)))
    }

    /// Returns the weights that this rank sends for the fetches of other ranks: a row per replica, in the order of slots,
    /// with the elements of `up`, then those of `down`.
    func sentWeights(_ counts: GatheredCounts) throws -> Tensor {
        let owned = layout?.layers[layer].owned[share.index] ?? []
        let sent = counts.fetches.filter { $0.fromRank == share.index }.map { owned.firstIndex(of: $0.expert) ?? 0 }
        return try LibTorchRuntime.withoutGradients {
            let index = try Tensor(sent, shape: [sent.count])
            return try .concatenated(
                try [up, down].map { stack in
                    try stack.selected(0, index).reshaped([sent.count, stack.shape.dropFirst().reduce(1, *)])
                }, along: 1)
        }
    }

    /// Returns the weights of the replicas that this rank has fetched, in the order of slots. Their gradients are added to
    /// the sums of the step.
    ///
    /// - Parameter fetched: The weights in the order of arrival: by the rank that sent them, then by slot.
    func fetchedReplicas(_ fetched: Tensor, _ counts: GatheredCounts) throws -> [(up: Tensor, down: Tensor)] {
        let own = counts.fetches.filter { $0.toRank == share.index }
        let arrivals = own.indices.sorted { (own[$0].fromRank, own[$0].slot) < (own[$1].fromRank, own[$1].slot) }
        var rows = [Int](repeating: 0, count: own.count)
        for (row, index) in arrivals.enumerated() { rows[index] = row }
        return try own.indices.map { index in
            let row = try fetched.narrowed(0, rows[index]..<rows[index] + 1)
            var start = 0
            func replica(_ name: String, _ stack: Tensor) throws -> Tensor {
                let shape = [1] + stack.shape.dropFirst()
                let count = shape.reduce(1, *)
                defer { start += count }
                let leaf = try row.narrowed(1, start..<start + count).reshaped(shape).leaf()
                try leaf.setGradient(
                    fetchedGradients.sum(prefix + name, expert: own[index].expert, shape: shape, type: stack.type))
                return leaf
            }
            return (try replica("experts.up", up), try replica("experts.down", down))
        }
    }
}
