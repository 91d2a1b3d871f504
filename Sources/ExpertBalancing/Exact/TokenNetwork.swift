/// The tokens of one layer's experts on the ranks that hold the experts.
///
/// All tokens of an expert start on its owner. Replicas on other ranks, static or added, let tokens move: between any two
/// ranks that hold an expert, in whole tokens. The memory is kept from plan to plan.
struct TokenNetwork: ~Copyable {
    /// An expert, its tokens on the rank of the owner, and the list of its replicas on other ranks.
    struct Expert {
        var owner: Int32
        var kept: Int32
        var firstReplica: Int32
        /// The next expert in the owner's list of experts that have had replicas; -1 at the end, -2 outside of the list.
        var nextShared: Int32
    }

    /// A rank with its tokens and the lists of the experts and replicas on it.
    struct Rank {
        var tokens: Int32
        var freeSlots: Int32
        /// The added replicas that the rank sends.
        var sent: Int32
        var firstReplica: Int32
        var firstShared: Int32
    }

    /// A replica on another rank than the owner's, with its tokens.
    struct Replica {
        var expert: Int32
        /// The rank, or -1 for an unused entry.
        var rank: Int32
        var tokens: Int32
        var isAdded: Bool
        var nextOfExpert: Int32
        var nextOfRank: Int32
    }

    private(set) var expertCount = 0
    private(set) var rankCount = 0
    /// The entries of `replicas` in use, including unused entries among them.
    private(set) var replicaEnd = 0
    private(set) var addedCount = 0
    private var firstUnused: Int32 = -1

    let experts: ScratchBuffer<Expert>
    let ranks: ScratchBuffer<Rank>
    let replicas: ScratchBuffer<Replica>
    let expertCapacity: Int
    let rankCapacity: Int
    let replicaCapacity: Int

    // The scratch memory of the searches for paths. A mark is valid in the search of its number.
    var search: Int32 = 0
    let rankMark: ScratchBuffer<Int32>
    let expertMark: ScratchBuffer<Int32>
    let queue: ScratchBuffer<Int32>
    /// The expert whose tokens would move to each reached rank, and the replica there, or -1 for the owner.
    let via: ScratchBuffer<Int32>
    let entered: ScratchBuffer<Int32>
    /// The rank that each reached expert's tokens would leave, and the replica there, or -1 for the owner.
    let source: ScratchBuffer<Int32>
    let left: ScratchBuffer<Int32>

    init(experts expertCapacity: Int, ranks rankCapacity: Int, replicas replicaCapacity: Int) {
        self.expertCapacity = expertCapacity
        self.rankCapacity = rankCapacity
        self.replicaCapacity = replicaCapacity
        experts = ScratchBuffer(expertCapacity)
        ranks = ScratchBuffer(rankCapacity)
        replicas = ScratchBuffer(replicaCapacity)
        rankMark = ScratchBuffer(rankCapacity, repeating: 0)
        expertMark = ScratchBuffer(expertCapacity, repeating: 0)
        queue = ScratchBuffer(rankCapacity)
        via = ScratchBuffer(rankCapacity)
        entered = ScratchBuffer(rankCapacity)
        source = ScratchBuffer(expertCapacity)
        left = ScratchBuffer(expertCapacity)
    }

    /// Puts all tokens of each expert on its owner.
    mutating func start(_ layout: ReplicaLayout, _ loads: [Int32]) {
        expertCount = layout.expertCount
        rankCount = layout.rankCount
        replicaEnd = 0
        addedCount = 0
        firstUnused = -1
        if search > 1 << 30 { forgetMarks() }
        for rank in 0..<rankCount {
            ranks[rank] = Rank(
                tokens: 0, freeSlots: layout.freeOffsets[rank + 1] - layout.freeOffsets[rank], sent: 0,
                firstReplica: -1, firstShared: -1)
        }
        for expert in 0..<expertCount {
            let owner = layout.ownerRanks[expert]
            experts[expert] = Expert(owner: owner, kept: loads[expert], firstReplica: -1, nextShared: -2)
            ranks[Int(owner)].tokens += loads[expert]
        }
        for replica in layout.staticReplicas { insert(replica.expert, replica.rank, isAdded: false) }
    }

    /// Starts the numbers of searches at 0 again, before they overflow.
    private mutating func forgetMarks() {
        search = 0
        for rank in 0..<rankCapacity { rankMark[rank] = 0 }
        for expert in 0..<expertCapacity { expertMark[expert] = 0 }
    }

    /// Whether `rank` holds `expert`.
    @inline(__always) func holds(_ rank: Int32, _ expert: Int) -> Bool {
        if experts[expert].owner == rank { return true }
        var replica = experts[expert].firstReplica
        while replica >= 0 {
            if replicas[Int(replica)].rank == rank { return true }
            replica = replicas[Int(replica)].nextOfExpert
        }
        return false
    }

    /// The replica of an expert on the first rank above `rank`, or -1.
    func firstReplica(of expert: Int, above rank: Int32) -> Int {
        var first = -1
        var replica = experts[expert].firstReplica
        while replica >= 0 {
            let entry = replicas[Int(replica)]
            if entry.rank > rank, first < 0 || entry.rank < replicas[first].rank { first = Int(replica) }
            replica = entry.nextOfExpert
        }
        return first
    }

    /// Removes the added replicas without tokens.
    mutating func removeIdleReplicas() {
        for index in 0..<replicaEnd where replicas[index].isAdded && replicas[index].tokens == 0 { remove(index) }
    }

    /// Adds a replica without tokens in a free slot of `rank`, which does not hold the expert. Returns its index.
    @discardableResult
    mutating func add(_ expert: Int32, to rank: Int32) -> Int {
        addedCount += 1
        ranks[Int(rank)].freeSlots -= 1
        ranks[Int(experts[Int(expert)].owner)].sent += 1
        return insert(expert, rank, isAdded: true)
    }

    /// Removes an added replica. Its tokens return to the owner.
    mutating func remove(_ index: Int) {
        let replica = replicas[index]
        let expert = Int(replica.expert)
        let owner = Int(experts[expert].owner)
        let rank = Int(replica.rank)
        move(replica.tokens, of: expert, from: (rank, index), to: (owner, -1))
        addedCount -= 1
        ranks[rank].freeSlots += 1
        ranks[owner].sent -= 1
        let removed = Int32(truncatingIfNeeded: index)
        if experts[expert].firstReplica == removed {
            experts[expert].firstReplica = replica.nextOfExpert
        } else {
            var previous = Int(experts[expert].firstReplica)
            while replicas[previous].nextOfExpert != removed { previous = Int(replicas[previous].nextOfExpert) }
            replicas[previous].nextOfExpert = replica.nextOfExpert
        }
        if ranks[rank].firstReplica == removed {
            ranks[rank].firstReplica = replica.nextOfRank
        } else {
            var previous = Int(ranks[rank].firstReplica)
            while replicas[previous].nextOfRank != removed { previous = Int(replicas[previous].nextOfRank) }
            replicas[previous].nextOfRank = replica.nextOfRank
        }
        replicas[index].rank = -1
        replicas[index].isAdded = false
        replicas[index].nextOfExpert = firstUnused
        firstUnused = removed
    }

    /// Moves tokens of an expert between two ranks that hold it. A place is a rank and the index of the replica there,
    /// or -1 for the owner.
    @inline(__always)
    func move(_ tokens: Int32, of expert: Int, from start: (rank: Int, replica: Int), to end: (rank: Int, replica: Int))
    {
        if start.replica < 0 { experts[expert].kept -= tokens } else { replicas[start.replica].tokens -= tokens }
        if end.replica < 0 { experts[expert].kept += tokens } else { replicas[end.replica].tokens += tokens }
        ranks[start.rank].tokens -= tokens
        ranks[end.rank].tokens += tokens
    }

    @discardableResult
    private mutating func insert(_ expert: Int32, _ rank: Int32, isAdded: Bool) -> Int {
        let index: Int
        if firstUnused >= 0 {
            index = Int(firstUnused)
            firstUnused = replicas[index].nextOfExpert
        } else {
            index = replicaEnd
            replicaEnd += 1
        }
        let entry = Int32(truncatingIfNeeded: index)
        replicas[index] = Replica(
            expert: expert, rank: rank, tokens: 0, isAdded: isAdded,
            nextOfExpert: experts[Int(expert)].firstReplica, nextOfRank: ranks[Int(rank)].firstReplica)
        experts[Int(expert)].firstReplica = entry
        ranks[Int(rank)].firstReplica = entry
        if experts[Int(expert)].nextShared == -2 {
            let owner = Int(experts[Int(expert)].owner)
            experts[Int(expert)].nextShared = ranks[owner].firstShared
            ranks[owner].firstShared = expert
        }
        return index
    }
}

extension TokenNetwork {
    /// A saved state of a network of the same capacity.
    struct Snapshot: ~Copyable {
        fileprivate let experts: ScratchBuffer<Expert>
        fileprivate let ranks: ScratchBuffer<Rank>
        fileprivate let replicas: ScratchBuffer<Replica>
        fileprivate var replicaEnd = 0
        fileprivate var addedCount = 0
        fileprivate var firstUnused: Int32 = -1

        init(experts: Int, ranks: Int, replicas: Int) {
            self.experts = ScratchBuffer(experts)
            self.ranks = ScratchBuffer(ranks)
            self.replicas = ScratchBuffer(replicas)
        }
    }

    /// Saves the state. O(experts + ranks + replicas).
    func save(to snapshot: inout Snapshot) {
        for expert in 0..<expertCount { snapshot.experts[expert] = experts[expert] }
        for rank in 0..<rankCount { snapshot.ranks[rank] = ranks[rank] }
        for replica in 0..<replicaEnd { snapshot.replicas[replica] = replicas[replica] }
        snapshot.replicaEnd = replicaEnd
        snapshot.addedCount = addedCount
        snapshot.firstUnused = firstUnused
    }

    /// Restores a saved state of the same layer. O(experts + ranks + replicas).
    mutating func restore(_ snapshot: borrowing Snapshot) {
        for expert in 0..<expertCount { experts[expert] = snapshot.experts[expert] }
        for rank in 0..<rankCount { ranks[rank] = snapshot.ranks[rank] }
        replicaEnd = snapshot.replicaEnd
        for replica in 0..<replicaEnd { replicas[replica] = snapshot.replicas[replica] }
        addedCount = snapshot.addedCount
        firstUnused = snapshot.firstUnused
    }
}
