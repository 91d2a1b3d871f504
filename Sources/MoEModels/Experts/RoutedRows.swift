public import LibTorch

/// The tokens of a micro-batch as rows sorted by expert (permute), and the inverse (unpermute).
public struct RoutedRows {
    /// One row per token and chosen expert, sorted by expert, then by token: [T·K, D].
    public let rows: Tensor
    /// The row index of each choice of each token, int64 [T·K].
    public let places: Tensor
    /// The number of rows per expert, int64 [experts].
    public let counts_E: Tensor

    /// Sorts the tokens `h_TD` [T, D] by their chosen experts `experts_TK`, int64 [T, K], of which there are `count`.
    public init(_ h_TD: Tensor, experts experts_TK: Tensor, of count: Int) throws {
        let chosen = experts_TK.shape[1]
        let (order, places, counts) = try experts_TK.grouped(into: count)
        let tokens = try Tensor.range(h_TD.shape[0], .int64).reshaped([-1, 1]).expanded([-1, chosen])
            .reshaped([-1]).selected(0, order)
        rows = try h_TD.rows(tokens, uses: places.reshaped([-1, chosen]))
        self.places = places
        counts_E = counts
    }

    /// The weighted sum of each token's rows: [T, D].
    ///
    /// - Parameters:
    ///   - rows: The experts' outputs in the order of the property ``rows``, [T·K, D].
    ///   - weights_TK: The weight of each choice of each token, [T, K].
    ///   - places: The property ``places``, int64 [T·K].
    public static func merge(_ rows: Tensor, weights_TK: Tensor, places: Tensor) throws -> Tensor {
        try rows.merged(weights: weights_TK, places: places)
    }
}
