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
    /// - Parameter gathered_RE: The number of rows of each rank for each expert, int64 [ranks, experts].
    public func callAsFunction(_ rows_TD: Tensor, gathered_RE: Tensor, _ weights: WeightGradients) throws -> Tensor {
        let gathered = try gathered_RE.integers()
        let experts = share.experts(of: expertCount)
        var starts: [[Int]] = []
        var row = 0
        for rank in 0..<share.count {
            starts.append(
                experts.map { expert in
                    defer { row += gathered[rank * expertCount + expert] }
                    return row
                })
        }
        let counts = experts.map { expert in (0..<share.count).reduce(0) { $0 + gathered[$1 * expertCount + expert] } }
        guard share.count > 1 else { return try rows_TD.experts(counts: counts, up: up, down: down, weights) }
        // The order by expert, then by source rank, and its inverse.
        var order: [Int] = []
        order.reserveCapacity(row)
        for (local, expert) in experts.enumerated() {
            for rank in 0..<share.count {
                let start = starts[rank][local]
                order += start..<start + gathered[rank * expertCount + expert]
            }
        }
        var inverse = [Int](repeating: 0, count: order.count)
        for (index, source) in order.enumerated() { inverse[source] = index }
        let byExpert = try Tensor(order, shape: [order.count])
        let byRank = try Tensor(inverse, shape: [inverse.count])
        return try rows_TD.rows(byExpert, uses: byRank).experts(counts: counts, up: up, down: down, weights)
            .rows(byRank, uses: byExpert)
    }
}
