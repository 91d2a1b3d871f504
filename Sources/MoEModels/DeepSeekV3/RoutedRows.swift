import LibTorch

/// The rows of a micro-batch in the order of the experts that they were routed to, and the way back.
struct RoutedRows {
    /// A row for each choice of each token, by expert: [T·K, D].
    let rows: Tensor
    /// The weights of the choices, [T, K].
    let weights_TK: Tensor
    /// Where each token's choices went, int64 [T·K].
    let places: Tensor
    /// How many rows each expert has, int64.
    let counts_E: Tensor

    init(_ choice: ExpertGate.Choice, rows h_TD: Tensor, configuration c: DeepSeekV3Configuration) throws {
        let flat = try choice.experts_TK.reshaped([-1])
        let order = try flat.sortedOrder()
        let tokens = try Tensor.range(h_TD.shape[0], .int64).reshaped([-1, 1]).expanded([-1, c.chosenExperts])
            .reshaped([-1]).selected(0, order)
        rows = try h_TD.selected(0, tokens)
        weights_TK = choice.weights_TK
        places = try order.sortedOrder()
        counts_E = try flat.occurrences(of: c.experts)
    }

    /// The weighted sums of each token's rows: [T, D].
    static func merge(_ rows: Tensor, weights_TK: Tensor, places: Tensor) throws -> Tensor {
        let chosen = weights_TK.shape[1]
        let rows_TKD = try rows.selected(0, places).reshaped([-1, chosen, rows.shape[1]])
        return try rows_TKD.times(weights_TK.reshaped([-1, chosen, 1])).sum(1)
    }
}
