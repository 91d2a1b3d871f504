import LibTorch

/// The experts that the tokens of a micro-batch have chosen, as an order of rows. There is one row per choice.
struct ExpertChoices {
    /// The choice of each row, int64 [T·K]: the inverse of ``places_TK``.
    let order: Tensor
    /// The row of each choice of each token, int64 [T, K].
    let places_TK: Tensor
    /// The number of rows per expert, int64 [experts].
    let counts_E: Tensor

    /// Sorts the choices `experts_TK`, int64 [T, K], by expert, then by token. There are `count` experts.
    init(_ experts_TK: Tensor, of count: Int) throws {
        let (order, places, counts) = try experts_TK.grouped(into: count)
        self.init(order: order, places_TK: try places.reshaped([-1, experts_TK.shape[1]]), counts_E: counts)
    }

    /// Creates choices from their parts.
    init(order: Tensor, places_TK: Tensor, counts_E: Tensor) {
        self.order = order
        self.places_TK = places_TK
        self.counts_E = counts_E
    }

    /// Returns the choices with their rows in blocks, each of which has its first row and its number of rows here.
    func reordered(_ blocks: [(start: Int, count: Int)]) throws -> ExpertChoices {
        let (rows, positions) = try Tensor.reordered(blocks, rows: order.shape[0])
        return ExpertChoices(
            order: try order.selected(0, rows),
            places_TK: try positions.selected(0, places_TK.reshaped([-1])).reshaped(places_TK.shape),
            counts_E: counts_E)
    }

    /// Returns the token of each row, int64 [T·K]. There are `count` tokens.
    func tokens(of count: Int) throws -> Tensor {
        try Tensor.range(count, .int64).reshaped([-1, 1]).expanded([-1, places_TK.shape[1]]).reshaped([-1])
            .selected(0, order)
    }
}
