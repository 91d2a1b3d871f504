/// A planner of the replicas that a layer adds for one micro-batch, from the micro-batch's own token counts.
///
/// The planner adds the fewest replicas that it finds with which no rank processes more than (1 + slack) times the mean,
/// and among as few replicas, those of which the busiest sender sends the fewest. Layers on up to four ranks are searched
/// through within a fixed number of steps. All decisions are made in integers and in a fixed order, so that all ranks
/// make the same plan from the same counts.
///
/// The planner keeps its scratch memory from plan to plan. Each thread needs its own planner.
///
/// UltraEP (arXiv 2606.04101) and MoonEP plan replicas from the counts in the same way, without slack and without a bound.
public struct ReplicaPlanner: ~Copyable {
    var network: TokenNetwork
    var construction: ReplicaConstruction
    var bound: ReplicaBound
    var smallSearch = SmallLayerSearch()
    /// The state without added replicas, the best state, and the states that the improvement returns to.
    var start: TokenNetwork.Snapshot
    var best: TokenNetwork.Snapshot
    var outer: TokenNetwork.Snapshot
    var inner: TokenNetwork.Snapshot
    /// The replicas of the best construction.
    var bestAdded: ScratchBuffer<ReplicaConstruction.Added>
    /// The indices of the added replicas in the order in which the improvement removes them.
    var order: ScratchBuffer<UInt64>

    /// Creates a planner. It allocates its memory in the first plan.
    public init() { self.init(experts: 1, ranks: 1, replicas: 1) }

    private init(experts: Int, ranks: Int, replicas: Int) {
        network = TokenNetwork(experts: experts, ranks: ranks, replicas: replicas)
        construction = ReplicaConstruction(experts: experts, ranks: ranks, replicas: replicas)
        bound = ReplicaBound(experts: experts, ranks: ranks)
        start = TokenNetwork.Snapshot(experts: experts, ranks: ranks, replicas: replicas)
        best = TokenNetwork.Snapshot(experts: experts, ranks: ranks, replicas: replicas)
        outer = TokenNetwork.Snapshot(experts: experts, ranks: ranks, replicas: replicas)
        inner = TokenNetwork.Snapshot(experts: experts, ranks: ranks, replicas: replicas)
        bestAdded = ScratchBuffer(replicas)
        order = ScratchBuffer(replicas)
    }

    /// Plans the replicas of a layer.
    ///
    /// - Parameters:
    ///   - loads: The tokens of each expert, at most 2³¹ - 1 in all.
    ///   - layout: The owners and the free slots.
    ///   - slack: The part of the mean by which the tokens of a rank may exceed the mean.
    /// - Returns: The plan. If the free slots do not allow the slack, the plan has the least maximum that the planner finds.
    /// - Throws: ``BalancingError`` if the number of loads is wrong, a load is negative, or the sum is too large.
    /// - Complexity: O(replicas × ranks) for each of a bounded number of constructions, and a bounded number of
    ///   improvements of O(experts + replicas). If the free slots do not allow the slack, up to 31 times as much.
    public mutating func plan(
        _ loads: [Int32], on layout: ReplicaLayout, slack: BalanceSlack = .none
    ) throws(BalancingError) -> ReplicaPlan {
        let total = try Self.total(loads, layout)
        reserve(layout)
        network.start(layout, loads)
        let limit = Int32(truncatingIfNeeded: slack.tokenLimit(total: total, rankCount: layout.rankCount))
        let least = Int32(truncatingIfNeeded: (total + layout.rankCount - 1) / layout.rankCount)
        let hasStatic = !layout.staticReplicas.isEmpty
        var lowerBound = 0
        if network.relieve(limit) > 0 {
            network.save(to: &start)
            lowerBound = planReplicas(loads, limit, hasStatic)
        }
        _ = network.level(least)
        network.removeIdleReplicas()
        return output(layout, limit: limit, lowerBound: min(lowerBound, network.addedCount))
    }

    /// Returns the sum of the loads.
    private static func total(_ loads: [Int32], _ layout: ReplicaLayout) throws(BalancingError) -> Int {
        guard loads.count == layout.expertCount else {
            throw BalancingError(
                "\(loads.count.counted("load")) for \(layout.expertCount.counted("expert")): give one load per expert")
        }
        var total = 0
        var signs: Int32 = 0
        for load in loads {
            total += Int(load)
            signs |= load
        }
        guard signs >= 0 else { throw BalancingError("a load is negative: give numbers of tokens") }
        guard total <= Int(Int32.max) else {
            throw BalancingError("the loads have a sum of \(total) tokens: give at most \(Int32.max) per layer")
        }
        return total
    }

    /// Replaces the scratch memory if a layer needs more.
    private mutating func reserve(_ layout: ReplicaLayout) {
        let replicas = layout.freeSlots.count + layout.staticReplicas.count
        guard
            layout.expertCount > network.expertCapacity || layout.rankCount > network.rankCapacity
                || replicas > network.replicaCapacity
        else { return }
        self = ReplicaPlanner(
            experts: max(layout.expertCount, network.expertCapacity),
            ranks: max(layout.rankCount, network.rankCapacity),
            replicas: max(replicas, network.replicaCapacity))
    }
}
