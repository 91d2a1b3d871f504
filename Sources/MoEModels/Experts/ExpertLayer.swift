public import LibTorch

/// The routed experts of a layer: SwiGLU networks between dispatch and combine.
public struct ExpertLayer {
    private let up, down: Tensor
    private let share: ParameterSet.ExpertShare
    private let expertCount: Int

    /// The parameters of `count` experts, which are divided among the expert-parallel group: `prefix`experts.up, the
    /// stacked gate and up projections [2I, D] of each expert, and `prefix`experts.down [D, I].
    public static func parameters(
        prefix: String, width: Int, innerWidth: Int, count: Int, start: ParameterSpecification.Start
    ) -> [ParameterSpecification] {
        [
            ParameterSpecification(prefix + "experts.up", [2 * innerWidth, width], expertCount: count, start: start),
            ParameterSpecification(prefix + "experts.down", [width, innerWidth], expertCount: count, start: start),
        ]
    }

    /// Creates the layer from this rank's share of the `count` experts that
    /// ``parameters(prefix:width:innerWidth:count:start:)`` declares.
    public init(prefix: String, parameters: ParameterSet, count: Int) {
        up = parameters[prefix + "experts.up"]
        down = parameters[prefix + "experts.down"]
        share = parameters.share
        expertCount = count
    }

    /// Applies the experts to the rows that dispatch delivers, sorted by source rank, then by expert. The result has
    /// the same order.
    ///
    /// - Parameters:
    ///   - rows_TD: The rows.
    ///   - factors_T1: The weights of the rows in the sums of their tokens, by which the results are multiplied.
    ///   - counts: The number of rows of each rank for each expert.
    ///   - weights: The store of the deferred products.
    public func callAsFunction(
        _ rows_TD: Tensor, weights factors_T1: Tensor, counts: GatheredCounts, _ weights: WeightGradients
    ) throws -> Tensor {
        let experts = share.experts(of: expertCount)
        let sizes = try counts.rows(ofExperts: experts)
        guard share.count > 1 else {
            return try rows_TD.experts(counts: sizes, up: up, down: down, factors: factors_T1, weights)
        }
        // The order by expert, then by source rank, and its inverse.
        let (byExpert, byRank) = try counts.tensor_RE.narrowed(1, experts).regrouped(rows: rows_TD.shape[0])
        let factors = try factors_T1.rows(byExpert, uses: byRank)
        return try rows_TD.rows(byExpert, uses: byRank)
            .experts(counts: sizes, up: up, down: down, factors: factors, weights)
            .rows(byRank, uses: byExpert)
    }
}
