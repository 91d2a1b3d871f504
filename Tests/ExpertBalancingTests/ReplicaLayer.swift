import ExpertBalancing
import TestSupport

/// A layer on ranks with free slots, its static replicas, and the check of a plan for it.
struct ReplicaLayer {
    let placement: Placement
    let layout: ReplicaLayout
    /// The ranks of each expert, the owner first.
    let holders: [[Int]]
    let freeSlots: [Int]

    init(holders: [[Int]], freeSlots: [Int]) throws {
        var slots: [Int32] = []
        var offsets = [0]
        var owners = [Int32](repeating: 0, count: holders.count)
        for rank in freeSlots.indices {
            for expert in holders.indices where holders[expert].contains(rank) {
                if holders[expert][0] == rank { owners[expert] = Int32(slots.count) }
                slots.append(Int32(expert))
            }
            slots += [Int32](repeating: Placement.emptySlot, count: freeSlots[rank])
            offsets.append(slots.count)
        }
        placement = try Placement(experts: slots, expertCount: holders.count, deviceOffsets: offsets)
        layout = try ReplicaLayout(placement, ownerSlots: owners)
        self.holders = holders
        self.freeSlots = freeSlots
    }

    /// Creates a layer with as many experts on each rank, in order, and as many free slots.
    init(experts: Int, ranks: Int, freeSlots: Int) throws {
        try self.init(
            holders: (0..<experts).map { [$0 * ranks / experts] },
            freeSlots: [Int](repeating: freeSlots, count: ranks))
    }

    /// Returns the first property that the plan breaks, or nil.
    func problem(of plan: ReplicaPlan, _ loads: [Int32], _ slack: BalanceSlack) -> String? {
        let total = loads.reduce(0) { $0 + Int($1) }
        let ranks = freeSlots.count
        let limit = max(
            (total + ranks - 1) / ranks, (1_000_000 + slack.millionths) * total / (1_000_000 * ranks))
        if plan.tokenLimit != min(limit, total) { return "limit \(plan.tokenLimit)" }
        var slots = Array(placement.experts)
        var last = (expert: -1, rank: -1)
        for fetch in plan.fetches {
            guard (fetch.expert, fetch.toRank) > last else { return "the order of \(fetch)" }
            last = (fetch.expert, fetch.toRank)
            guard placement.slots(ofDevice: fetch.toRank).contains(fetch.slot), slots[fetch.slot] < 0,
                fetch.fromRank == holders[fetch.expert][0], !holders[fetch.expert].contains(fetch.toRank)
            else { return "\(fetch)" }
            slots[fetch.slot] = Int32(fetch.expert)
        }
        var sums = [Int](repeating: 0, count: loads.count)
        var rankTokens = [Int](repeating: 0, count: ranks)
        var lastShare = (expert: -1, slot: -1)
        for share in plan.shares {
            guard share.tokens > 0, slots[share.slot] == Int32(share.expert), (share.expert, share.slot) > lastShare
            else { return "\(share)" }
            lastShare = (share.expert, share.slot)
            sums[share.expert] += share.tokens
            for rank in 0..<ranks where placement.slots(ofDevice: rank).contains(share.slot) {
                rankTokens[rank] += share.tokens
            }
        }
        if sums != loads.map(Int.init) { return "the sums of shares \(sums)" }
        if rankTokens != plan.rankTokens { return "tokens of ranks \(plan.rankTokens), not \(rankTokens)" }
        if plan.certificate.replicas != plan.fetches.count { return "\(plan.certificate)" }
        if plan.certificate.lowerBound > plan.fetches.count { return "\(plan.certificate)" }
        return nil
    }
}

extension SeededGenerator {
    /// Returns tokens of experts with a mean of about `mean`: of equal size, with a long tail, or most of them 0.
    mutating func tokens(experts: Int, mean: Int) -> [Int32] {
        let kind = Int.random(in: 0..<4, using: &self)
        return (0..<experts).map { _ in
            switch kind {
            case 0: return Int32.random(in: 0...Int32(2 * mean), using: &self)
            case 1: return Int32(mean / 4) + Int32(mean * 2 / Int.random(in: 1...16, using: &self))
            case 2:
                return Int.random(in: 0..<4, using: &self) == 0
                    ? Int32.random(in: 0...Int32(8 * mean), using: &self) : 0
            default:
                let root = Int.random(in: 0...100, using: &self)
                return Int32(5 * mean * root * root * root * root / 100_000_000)
            }
        }
    }
}
