public import LibTorch

/// The routed experts of a layer: SwiGLU networks between dispatch and combine. A rank computes the experts in its slots.
public struct ExpertLayer {
    let up, down: Tensor
    /// The weights of the rank's replicas of experts that other ranks own.
    private let replicas: [(up: Tensor, down: Tensor)]
    let share: ParameterSet.ExpertShare
    private let expertCount: Int
    let layout: ExpertLayout?
    private let deviceLoads: DeviceLoads
    let fetchedGradients: FetchedGradients
    let prefix: String
    /// The number of the layer among those with routed experts.
    let layer: Int

    /// The parameters of `count` experts, which are divided among the expert-parallel group: `prefix`experts.up, the
    /// stacked gate and up projections [2I, D] of each expert, and `prefix`experts.down [D, I].
    ///
    /// - Parameter layer: The number of the layer among those with routed experts. Slots of experts are given per layer.
    public static func parameters(
        prefix: String, width: Int, innerWidth: Int, count: Int, layer: Int = 0, start: ParameterSpecification.Start
    ) -> [ParameterSpecification] {
        [("experts.up", [2 * innerWidth, width]), ("experts.down", [width, innerWidth])].map { name, shape in
            ParameterSpecification(prefix + name, shape, expertCount: count, expertLayer: layer, start: start)
        }
    }

    /// Creates the layer from this rank's share of the `count` experts that
    /// ``parameters(prefix:width:innerWidth:count:layer:start:)`` declares.
    public init(prefix: String, parameters: ParameterSet, count: Int, layer: Int = 0) {
        up = parameters[prefix + "experts.up"]
        down = parameters[prefix + "experts.down"]
        if let up = parameters.replicas(of: prefix + "experts.up"),
            let down = parameters.replicas(of: prefix + "experts.down")
        {
            replicas = [(up, down)]
        } else {
            replicas = []
        }
        share = parameters.share
        expertCount = count
        layout = parameters.layout
        deviceLoads = parameters.deviceLoads
        fetchedGradients = parameters.fetchedGradients
        self.prefix = prefix
        self.layer = layer
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
        try self(rows_TD, weights: factors_T1, fetched: nil, counts: counts, weights)
    }

    /// Applies the experts to rows of a layer that fetches replicas.
    ///
    /// - Parameter fetched: The weights of the replicas that this rank has fetched, in the order of arrival.
    func callAsFunction(
        _ rows_TD: Tensor, weights factors_T1: Tensor, fetched: Tensor?, counts: GatheredCounts,
        _ weights: WeightGradients
    ) throws -> Tensor {
        let arrived = try counts.rows(toRank: share.index)
        let others = replicas + (try fetched.map { try fetchedReplicas($0, counts) } ?? [])
        let held = others.reduce(up.shape[0]) { $0 + $1.up.shape[0] }
        let sizes = (0..<held).map { slot in arrived.reduce(0) { $0 + $1[slot] } }
        guard share.count > 1 else {
            return try rows_TD.experts(counts: sizes, up: up, down: down, factors: factors_T1, weights)
        }
        deviceLoads.add(layer: layer, rowsOfRank: try counts.rowsOfRank())
        // The order by slot, then by source rank, and its inverse.
        let blocks_RS =
            layout == nil
            ? try counts.tensor_RE.narrowed(1, share.experts(of: expertCount))
            : try Tensor(arrived.flatMap { $0 }, shape: [share.count, arrived[0].count])
        let (bySlot, byRank) = try blocks_RS.regrouped(rows: rows_TD.shape[0])
        let factors = try factors_T1.rows(bySlot, uses: byRank)
        return try rows_TD.rows(bySlot, uses: byRank)
            .experts(counts: sizes, up: up, down: down, and: others, factors: factors, weights)
            .rows(byRank, uses: bySlot)
    }
}
