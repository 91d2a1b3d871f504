public import LibTorch

/// The tokens of a micro-batch as rows sorted by expert (permute), and the inverse (unpermute).
public struct RoutedRows {
    /// One row per token and chosen expert, sorted by expert, then by token: [T·K, D].
    public let rows: Tensor
    /// The row index of each choice of each token, int64 [T, K].
    public let places: Tensor
    /// The choice of each row, int64 [T·K]: the inverse of ``places``.
    private let choices: Tensor
    /// The number of rows per expert, int64 [experts].
    public let counts_E: Tensor

    /// Sorts the tokens `h_TD` [T, D] by their chosen experts `experts_TK`, int64 [T, K], of which there are `count`.
    public init(_ h_TD: Tensor, experts experts_TK: Tensor, of count: Int) throws {
        let chosen = experts_TK.shape[1]
        let (order, places, counts) = try experts_TK.grouped(into: count)
        let tokens = try Tensor.range(h_TD.shape[0], .int64).reshaped([-1, 1]).expanded([-1, chosen])
            .reshaped([-1]).selected(0, order)
        choices = order
        self.places = try places.reshaped([-1, chosen])
        rows = try h_TD.rows(tokens, uses: self.places)
        counts_E = counts
    }

    /// Returns the weight of each row, [T·K, 1], from the weights of each token's choices [T, K].
    public func weights(_ weights_TK: Tensor) throws -> Tensor {
        try weights_TK.reshaped([-1, 1]).rows(choices, uses: places.reshaped([-1]))
    }

    /// The sum of each token's rows: [T, D].
    ///
    /// - Parameters:
    ///   - rows: The experts' outputs in the order of the property ``rows``, multiplied by the weights of the rows,
    ///     [T·K, D].
    ///   - places: The property ``places``, int64 [T, K].
    public static func merge(_ rows: Tensor, places: Tensor) throws -> Tensor { try rows.merged(places: places) }
}
