public import LibTorch

/// The tokens of a micro-batch as rows sorted by expert (permute), and the inverse (unpermute).
public struct RoutedRows {
    /// One row per token and chosen expert, in the order in which the rows are sent: [T·K, D].
    public let rows: Tensor
    /// The choices of the rows.
    private let choices: ExpertChoices

    /// The row index of each choice of each token, int64 [T, K].
    public var places: Tensor { choices.places_TK }
    /// The number of rows per expert, int64 [experts].
    public var counts_E: Tensor { choices.counts_E }

    /// Sorts the tokens `h_TD` [T, D] by their chosen experts `experts_TK`, int64 [T, K], of which there are `count`.
    /// The rows of an expert are in the order of their tokens.
    public init(_ h_TD: Tensor, experts experts_TK: Tensor, of count: Int) throws {
        try self.init(h_TD, ExpertChoices(experts_TK, of: count))
    }

    /// Gathers the rows of `choices` from the tokens `h_TD` [T, D].
    init(_ h_TD: Tensor, _ choices: ExpertChoices) throws {
        self.choices = choices
        rows = try h_TD.rows(choices.tokens(of: h_TD.shape[0]), uses: choices.places_TK)
    }

    /// Returns the weight of each row, [T·K, 1], from the weights of each token's choices [T, K].
    public func weights(_ weights_TK: Tensor) throws -> Tensor {
        try weights_TK.reshaped([-1, 1]).rows(choices.order, uses: places.reshaped([-1]))
    }

    /// The sum of each token's rows: [T, D].
    ///
    /// - Parameters:
    ///   - rows: The experts' outputs in the order of the property ``rows``, multiplied by the weights of the rows,
    ///     [T·K, D].
    ///   - places: The property ``places``, int64 [T, K].
    public static func merge(_ rows: Tensor, places: Tensor) throws -> Tensor { try rows.merged(places: places) }
}
