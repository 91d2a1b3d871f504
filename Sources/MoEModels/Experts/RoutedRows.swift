public import LibTorch

/// The rows of a micro-batch in the order of the experts that they were routed to, and the way back.
public struct RoutedRows {
    /// A row for each choice of each token, by expert: [T·K, D].
    public let rows: Tensor
    /// Where each token's choices went, int64 [T·K].
    public let places: Tensor
    /// How many rows each expert has, int64.
    public let counts_E: Tensor

    /// The rows `h_TD` [T, D], once for each of the experts, out of `count`, that int64 `experts_TK` [T, K] names.
    public init(_ h_TD: Tensor, experts experts_TK: Tensor, of count: Int) throws {
        let chosen = experts_TK.shape[1]
        let flat = try experts_TK.reshaped([-1])
        let order = try flat.sortedOrder()
        let tokens = try Tensor.range(h_TD.shape[0], .int64).reshaped([-1, 1]).expanded([-1, chosen])
            .reshaped([-1]).selected(0, order)
        rows = try h_TD.selected(0, tokens)
        places = try order.sortedOrder()
        counts_E = try flat.occurrences(of: count)
    }

    /// The sums of each token's rows [T·K, D], as they come back from the experts, with the weights [T, K]: [T, D].
    public static func merge(_ rows: Tensor, weights_TK: Tensor, places: Tensor) throws -> Tensor {
        let chosen = weights_TK.shape[1]
        let rows_TKD = try rows.selected(0, places).reshaped([-1, chosen, rows.shape[1]])
        return try rows_TKD.times(weights_TK.reshaped([-1, chosen, 1])).sum(1)
    }
}
