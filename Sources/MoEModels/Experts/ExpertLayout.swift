package import ExpertBalancing

/// The slots of a model's layers of routed experts on the ranks of an expert-parallel group, and the rule by which tokens
/// are assigned to them.
package final class ExpertLayout {
    /// The slots of each layer of routed experts.
    package private(set) var layers: [ExpertSlots]
    private let split: ReplicaSplit
    private let slack: BalanceSlack
    /// The owners and free slots of each layer, for the planner.
    private var replicaLayouts: [ReplicaLayout]
    private var planner = ReplicaPlanner()
    /// The replicas that each layer has fetched since ``clearFetches()``.
    private var fetched: [Set<FetchedReplica>]

    /// A replica that a rank has fetched.
    package struct FetchedReplica: Hashable {
        package let expert: Int
        package let rank: Int
    }

    /// - Parameters:
    ///   - layers: The slots of each layer of routed experts. If they have free slots, each micro-batch fetches replicas
    ///     into these.
    ///   - split: The rule that divides the tokens of an expert among its slots. Free slots need ``ReplicaSplit/exact``.
    ///   - slack: The part of the mean by which the tokens of a rank may exceed the mean, so that fewer replicas are
    ///     fetched.
    package init(_ layers: [ExpertSlots], split: ReplicaSplit = .exact, slack: BalanceSlack = .none) throws {
        self.layers = layers
        self.split = split
        self.slack = slack
        replicaLayouts = try layers.map { try ReplicaLayout($0.placement, ownerSlots: $0.ownerSlots) }
        fetched = Array(repeating: [], count: layers.count)
    }

    /// Changes the slots of a layer between two steps.
    ///
    /// - Precondition: The ranks have as many slots of each kind as before.
    package func setSlots(ofLayer layer: Int, to slots: ExpertSlots) throws {
        precondition(slots.offsets == layers[layer].offsets, "the ranks keep their slots")
        replicaLayouts[layer] = try ReplicaLayout(slots.placement, ownerSlots: slots.ownerSlots)
        layers[layer] = slots
    }

    /// Whether micro-batches fetch replicas of experts.
    package var fetchesReplicas: Bool { split == .exact && layers.contains { $0.freeSlotsPerRank > 0 } }

    /// Returns the assignment of a micro-batch's tokens to the slots of a layer, and the replicas that are fetched for
    /// it, in the order of slots.
    ///
    /// - Parameter counts: The tokens of each rank for each expert: `ranks × experts`.
    func assignment(
        ofLayer layer: Int, counts: [Int]
    ) throws -> (assignment: TokenAssignment, fetches: [ReplicaFetch]) {
        let slots = layers[layer]
        var fetches: [ReplicaFetch] = []
        let shares: [ReplicaShare]
        if split == .exact {
            var loads = [Int32](repeating: 0, count: slots.expertCount)
            for (index, count) in counts.enumerated() {
                loads[index % slots.expertCount] += Int32(truncatingIfNeeded: count)
            }
            let plan = try planner.plan(loads, on: replicaLayouts[layer], slack: slack)
            shares = plan.shares
            fetches = plan.fetches.sorted { $0.slot < $1.slot }
        } else {
            shares = slots.fixedShares(counts: counts, isNearest: split == .nearest)
        }
        for fetch in fetches { fetched[layer].insert(FetchedReplica(expert: fetch.expert, rank: fetch.toRank)) }
        return (
            TokenAssignment(counts: counts, expertCount: slots.expertCount, shares: shares, offsets: slots.offsets),
            fetches
        )
    }

    /// Forgets the replicas that have been fetched.
    package func clearFetches() { fetched = Array(repeating: [], count: layers.count) }

    /// Returns the replicas that a layer has fetched since ``clearFetches()``, by rank, then by expert.
    package func fetchedReplicas(ofLayer layer: Int) -> [FetchedReplica] {
        fetched[layer].sorted { ($0.rank, $0.expert) < ($1.rank, $1.expert) }
    }
}
