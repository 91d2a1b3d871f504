/// The slots of one layer of routed experts on the ranks of an expert-parallel group.
///
/// Each rank owns equally many experts: it has their master weights and optimizer state. Further slots of a rank are for
/// replicas of experts that other ranks own, or are free for replicas that micro-batches fetch. Slots are numbered rank
/// after rank. The slots of a rank are those of the experts that it owns, then those of replicas, then its free slots.
public struct ExpertSlots: Hashable, Sendable {
    /// The number of experts.
    public let expertCount: Int
    /// The experts that each rank owns, in ascending order.
    public let owned: [[Int]]
    /// The experts of which each rank holds a replica, ordered by their owners, then by expert.
    public let replicas: [[Int]]
    /// The number of slots of each rank for replicas, at least as many as the rank has replicas.
    public let replicaSlots: [Int]
    /// The number of free slots of each rank.
    public let freeSlotsPerRank: Int
    /// The rank that owns each expert.
    public let owners: [Int]
    /// The first slot of each rank, then the number of slots.
    public let offsets: [Int]

    /// The number of ranks.
    public var rankCount: Int { owned.count }

    /// Creates the slots of ranks that own equal shares of consecutive experts, without replicas.
    ///
    /// - Precondition: `rankCount` divides `expertCount`.
    public init(expertCount: Int, rankCount: Int, freeSlotsPerRank: Int = 0) {
        precondition(
            rankCount > 0 && expertCount.isMultiple(of: rankCount), "all ranks own equally many of the experts")
        let share = expertCount / rankCount
        self.init(
            expertCount: expertCount, owned: (0..<rankCount).map { Array($0 * share..<($0 + 1) * share) },
            replicas: Array(repeating: [], count: rankCount), replicaSlots: Array(repeating: 0, count: rankCount),
            freeSlotsPerRank: freeSlotsPerRank)
    }

    /// Creates the slots of a layer of a placement. Second slots of an expert on the same rank take no tokens.
    ///
    /// - Parameters:
    ///   - freeSlotsPerRank: The number of free slots of each rank.
    ///   - previous: The slots before, the owners of which stay where the placement allows it; nil for slots in which
    ///     each rank owns its share of consecutive experts.
    /// - Throws: ``BalancingError`` if the ranks cannot own equally many experts, each of which is in a slot of its
    ///   owner.
    /// - Complexity: O(experts × slots).
    public init(
        _ placement: Placement, layer: Int, freeSlotsPerRank: Int = 0, keepingOwnersOf previous: ExpertSlots? = nil
    ) throws {
        let (experts, ranks) = (placement.expertCount, placement.deviceCount)
        guard experts.isMultiple(of: ranks) else {
            throw BalancingError(
                "\(experts.counted("expert")) cannot be owned by \(ranks.counted("rank")) in equal numbers: give a number "
                    + "of ranks that divides the experts")
        }
        var held = [[Int]](repeating: [], count: ranks)
        placement.forEachReplica(ofLayer: layer) { expert, rank, _ in held[rank].append(expert) }
        let before = previous ?? ExpertSlots(expertCount: experts, rankCount: ranks)
        var search = OwnerSearch(held: held, expertCount: experts)
        guard let owners = search.owners(preferring: before.owners) else {
            throw BalancingError(
                "layer \(layer): the \(ranks) ranks cannot own \((experts / ranks).counted("expert")) each, because the "
                    + "slots of some ranks hold too few experts that others do not own: give a placement with more "
                    + "distinct experts per rank")
        }
        let owned = (0..<ranks).map { rank in held[rank].filter { owners[$0] == rank }.sorted() }
        let replicas = (0..<ranks).map { rank in
            held[rank].filter { owners[$0] != rank }.sorted { (owners[$0], $0) < (owners[$1], $1) }
        }
        self.init(
            expertCount: experts, owned: owned, replicas: replicas,
            replicaSlots: placement.slotsPerDevice.map { $0 - experts / ranks }, freeSlotsPerRank: freeSlotsPerRank)
    }

    private init(
        expertCount: Int, owned: [[Int]], replicas: [[Int]], replicaSlots: [Int], freeSlotsPerRank: Int
    ) {
        self.expertCount = expertCount
        self.owned = owned
        self.replicas = replicas
        self.replicaSlots = replicaSlots
        self.freeSlotsPerRank = freeSlotsPerRank
        var owners = [Int](repeating: 0, count: expertCount)
        var offsets = [0]
        for rank in owned.indices {
            for expert in owned[rank] { owners[expert] = rank }
            offsets.append(offsets[rank] + owned[rank].count + replicaSlots[rank] + freeSlotsPerRank)
        }
        self.owners = owners
        self.offsets = offsets
    }

    /// Whether any rank has slots for replicas.
    public var hasReplicaSlots: Bool { replicaSlots.contains { $0 > 0 } }

    /// Returns the slot that owns each expert. O(experts).
    public var ownerSlots: [Int32] {
        var slots = [Int32](repeating: 0, count: expertCount)
        for rank in owned.indices {
            for (index, expert) in owned[rank].enumerated() {
                slots[expert] = Int32(truncatingIfNeeded: offsets[rank] + index)
            }
        }
        return slots
    }

    /// Returns the slots as one layer of a placement. Slots of replicas that hold none have an expert that the rank owns;
    /// free slots are empty. O(slots).
    public var placement: Placement {
        let experts = owned.indices.flatMap { rank in
            let unused = Array(repeating: owned[rank][0], count: replicaSlots[rank] - replicas[rank].count)
            return (owned[rank] + replicas[rank] + unused).map { Int32(truncatingIfNeeded: $0) }
                + Array(repeating: Placement.emptySlot, count: freeSlotsPerRank)
        }
        return Placement(checkedExperts: experts, expertCount: expertCount, deviceOffsets: offsets)
    }
}
