/// A search through the sets of added replicas of a layer on a few ranks, within a number of steps.
///
/// Tokens can be split so that no rank exceeds a limit if and only if, for every set of ranks, the tokens of the experts
/// that only these ranks hold are at most the set's size times the limit (Hall's theorem, for flows). The search keeps the
/// excess of every set. It takes the set with the largest excess and tries each replica of one of its experts outside of
/// it; a replica that was tried is excluded from the tries after it.
struct SmallLayerSearch: ~Copyable {
    /// The most ranks, so that there are at most 2⁴ sets.
    static let rankLimit = 4
    /// The most experts with tokens.
    static let expertLimit = 32

    enum Outcome { case found, none, undecided }

    private struct Expert {
        var expert: Int32
        var owner: Int32
        var tokens: Int32
        /// The ranks that hold the expert, and the ranks excluded from the present tries, as bits.
        var holders: UInt32
        var excluded: UInt32
    }

    /// A replica: the index of an expert in `experts`, and a rank.
    private struct Choice {
        var expert: Int32
        var rank: Int32
    }

    /// The steps that are left.
    var steps = 0
    private var rankCount = 0
    private var expertCount = 0
    private var limit: Int32 = 0
    private var sentLimit: Int32 = 0
    private let experts = ScratchBuffer<Expert>(SmallLayerSearch.expertLimit)
    /// The tokens that each set of ranks holds alone, less the set's size times the limit.
    private let excess = ScratchBuffer<Int>(1 << SmallLayerSearch.rankLimit)
    private let freeSlots = ScratchBuffer<Int32>(SmallLayerSearch.rankLimit)
    private let sent = ScratchBuffer<Int32>(SmallLayerSearch.rankLimit)
    private let tried = ScratchBuffer<Choice>(SmallLayerSearch.expertLimit * SmallLayerSearch.rankLimit)
    private var triedCount = 0
    /// The replicas of the present branch; after a search that found a set, the set.
    private let chosen = ScratchBuffer<Choice>(SmallLayerSearch.expertLimit * SmallLayerSearch.rankLimit)
    private(set) var chosenCount = 0

    init() {}

    /// Returns a replica of the found set.
    func added(_ index: Int) -> ReplicaConstruction.Added {
        ReplicaConstruction.Added(
            expert: experts[Int(chosen[index].expert)].expert, rank: chosen[index].rank)
    }

    /// Prepares the search of a layer without added replicas. Returns false if the layer is too large.
    mutating func prepare(_ network: borrowing TokenNetwork, _ loads: [Int32], _ steps: Int) -> Bool {
        guard network.rankCount <= Self.rankLimit else { return false }
        rankCount = network.rankCount
        expertCount = 0
        self.steps = steps
        chosenCount = 0
        triedCount = 0
        for expert in 0..<network.expertCount where loads[expert] > 0 {
            guard expertCount < Self.expertLimit else { return false }
            let owner = network.experts[expert].owner
            var holders: UInt32 = 1 << UInt32(owner)
            var replica = network.experts[expert].firstReplica
            while replica >= 0 {
                holders |= 1 << UInt32(network.replicas[Int(replica)].rank)
                replica = network.replicas[Int(replica)].nextOfExpert
            }
            // The largest experts come first.
            var hole = expertCount
            while hole > 0, experts[hole - 1].tokens < loads[expert] {
                experts[hole] = experts[hole - 1]
                hole -= 1
            }
            experts[hole] = Expert(
                expert: Int32(truncatingIfNeeded: expert), owner: owner, tokens: loads[expert], holders: holders,
                excluded: 0)
            expertCount += 1
        }
        for rank in 0..<rankCount {
            freeSlots[rank] = network.ranks[rank].freeSlots
            sent[rank] = 0
        }
        return true
    }

    /// Searches a set of at most `count` replicas with which no rank exceeds `limit` tokens and no rank sends more than
    /// `sentLimit` replicas.
    mutating func find(limit: Int32, count: Int, sentLimit: Int32) -> Outcome {
        self.limit = limit
        self.sentLimit = sentLimit
        while chosenCount > 0 { takeBack() }
        for set in 0..<1 << rankCount {
            excess[set] = -Int(limit) * set.nonzeroBitCount
            for expert in 0..<expertCount where Int(experts[expert].holders) & ~set == 0 {
                excess[set] += Int(experts[expert].tokens)
            }
        }
        return extend(count)
    }

    /// The least maximum of tokens over ranks that the found set allows.
    var largestTokens: Int {
        var largest = 0
        for set in 1..<1 << rankCount {
            let size = set.nonzeroBitCount
            largest = max(largest, (excess[set] + Int(limit) * size + size - 1) / size)
        }
        return largest
    }

    /// Adds up to `count` replicas to the present set.
    private mutating func extend(_ count: Int) -> Outcome {
        steps -= 1
        if steps < 0 { return .undecided }
        var set = 0
        for other in 1..<1 << rankCount where excess[other] > excess[set] { set = other }
        if excess[set] <= 0 { return .found }
        guard canCover(set, count) else { return .none }
        let mark = triedCount
        defer { unmark(downTo: mark) }
        for expert in 0..<expertCount where Int(experts[expert].holders) & ~set == 0 {
            for rank in 0..<rankCount where isAllowed(expert, rank, outside: set) {
                add(expert, rank)
                let outcome = extend(count - 1)
                if outcome == .found { return outcome }
                takeBack()
                if outcome == .undecided { return outcome }
                experts[expert].excluded |= 1 << UInt32(rank)
                tried[triedCount] = Choice(
                    expert: Int32(truncatingIfNeeded: expert), rank: Int32(truncatingIfNeeded: rank))
                triedCount += 1
            }
        }
        return .none
    }

    private mutating func unmark(downTo mark: Int) {
        while triedCount > mark {
            triedCount -= 1
            experts[Int(tried[triedCount].expert)].excluded &= ~(1 << UInt32(tried[triedCount].rank))
        }
    }

    @inline(__always) private func isAllowed(_ expert: Int, _ rank: Int, outside set: Int) -> Bool {
        set >> rank & 1 == 0 && freeSlots[rank] > 0 && experts[expert].excluded >> UInt32(rank) & 1 == 0
            && sent[Int(experts[expert].owner)] < sentLimit
    }

    private func hasReceiver(_ expert: Int, outside set: Int) -> Bool {
        for rank in 0..<rankCount where isAllowed(expert, rank, outside: set) { return true }
        return false
    }

    /// Whether the `count` largest experts that may leave a set of ranks cover its excess.
    private func canCover(_ set: Int, _ count: Int) -> Bool {
        guard count > 0 else { return false }
        var remaining = count
        var sum = 0
        for expert in 0..<expertCount where Int(experts[expert].holders) & ~set == 0 {
            guard hasReceiver(expert, outside: set) else { continue }
            sum += Int(experts[expert].tokens)
            remaining -= 1
            if sum >= excess[set] { return true }
            if remaining == 0 { return false }
        }
        return false
    }

    private mutating func add(_ expert: Int, _ rank: Int) {
        change(expert, rank, -Int(experts[expert].tokens))
        experts[expert].holders |= 1 << UInt32(rank)
        freeSlots[rank] -= 1
        sent[Int(experts[expert].owner)] += 1
        chosen[chosenCount] = Choice(expert: Int32(truncatingIfNeeded: expert), rank: Int32(truncatingIfNeeded: rank))
        chosenCount += 1
    }

    /// Removes the last added replica.
    private mutating func takeBack() {
        chosenCount -= 1
        let expert = Int(chosen[chosenCount].expert)
        let rank = Int(chosen[chosenCount].rank)
        sent[Int(experts[expert].owner)] -= 1
        freeSlots[rank] += 1
        experts[expert].holders &= ~(1 << UInt32(rank))
        change(expert, rank, Int(experts[expert].tokens))
    }

    /// Adds tokens to the excess of the sets that contain all holders of an expert but not `rank`.
    @inline(__always) private func change(_ expert: Int, _ rank: Int, _ tokens: Int) {
        let holders = Int(experts[expert].holders)
        for set in 1..<1 << rankCount where holders & ~set == 0 && set >> rank & 1 == 0 { excess[set] += tokens }
    }
}
