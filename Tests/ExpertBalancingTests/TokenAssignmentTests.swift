import ExpertBalancing
import TestSupport
import Testing

@Suite("Assignments of tokens to slots") struct TokenAssignmentTests {
    /// Random slots of experts on ranks, and counts of each rank for each expert.
    private func random(_ seed: UInt64) throws -> (slots: ExpertSlots, counts: [Int]) {
        var random = SeededGenerator(seed)
        let ranks = Int.random(in: 1...5, using: &random)
        let experts = ranks * Int.random(in: 1...4, using: &random)
        let order = (0..<experts).shuffled(using: &random)
        let slots = (0..<ranks).flatMap { rank in
            let own = order[rank * experts / ranks..<(rank + 1) * experts / ranks]
            let others = order.filter { !own.contains($0) }.shuffled(using: &random)
            return own.map { Int32($0) } + (0..<2).map { others.count > $0 ? Int32(others[$0]) : -1 }
        }
        let placement = try Placement(layers: [slots], expertCount: experts, deviceCount: ranks)
        let counts = (0..<ranks * experts).map { _ in
            Bool.random(using: &random) ? Int.random(in: 0...40, using: &random) : 0
        }
        return (try ExpertSlots(placement, layer: 0), counts)
    }

    /// The shares of every rule, the exact one first.
    private func shares(_ slots: ExpertSlots, _ counts: [Int]) throws -> [[ReplicaShare]] {
        var planner = ReplicaPlanner()
        let loads = (0..<slots.expertCount).map { expert in
            (0..<slots.rankCount).reduce(Int32(0)) { $0 + Int32(counts[$1 * slots.expertCount + expert]) }
        }
        let plan = try planner.plan(loads, on: ReplicaLayout(slots.placement, ownerSlots: slots.ownerSlots))
        return [plan.shares, slots.fixedShares(counts: counts, isNearest: false)]
            + [slots.fixedShares(counts: counts, isNearest: true)]
    }

    @Test("Every token of every rank goes to a slot of its expert, and slots take their shares", arguments: 0..<60)
    func tokens(seed: UInt64) throws {
        let (slots, counts) = try random(seed)
        let experts = slots.placement.experts
        for shares in try shares(slots, counts) {
            let assignment = TokenAssignment(
                counts: counts, expertCount: slots.expertCount, shares: shares, offsets: slots.offsets)
            #expect(assignment.rankCount == slots.rankCount && assignment.slotCount == experts.count)
            #expect(assignment.tokens.allSatisfy { $0 >= 0 })
            for rank in 0..<slots.rankCount {
                let own = Array(counts[rank * slots.expertCount..<(rank + 1) * slots.expertCount])
                for expert in 0..<slots.expertCount {
                    let sent = experts.indices.filter { experts[$0] == expert }.map {
                        assignment.tokens[rank * experts.count + $0]
                    }
                    #expect(sent.reduce(0, +) == own[expert])
                }
                #expect(
                    (0..<slots.rankCount).reduce(0) { $0 + assignment.tokens(from: rank, to: $1) } == own.reduce(0, +))
                // The blocks of an expert follow each other among the rank's rows, which are sorted by expert.
                let blocks = assignment.blocks(ofRank: rank, counts: own)
                let sorted = own.enumerated().flatMap { Array(repeating: Int32($0.offset), count: $0.element) }
                var taken = Set<Int>()
                for (slot, block) in blocks.enumerated() {
                    let rows = block.start..<block.start + block.count
                    #expect(rows.allSatisfy { sorted[$0] == experts[slot] && taken.insert($0).inserted })
                }
                #expect(taken.count == sorted.count)
            }
            for share in shares {
                let taken = (0..<slots.rankCount).reduce(0) { $0 + assignment.tokens[$1 * experts.count + share.slot] }
                #expect(taken == share.tokens)
            }
            #expect(assignment.tokensOfRank.reduce(0, +) == counts.reduce(0, +))
        }
    }

    @Test("An exact split never loads a rank more than the other rules do", arguments: 0..<60)
    func exact(seed: UInt64) throws {
        let (slots, counts) = try random(seed)
        let largest = try shares(slots, counts).map { shares in
            TokenAssignment(counts: counts, expertCount: slots.expertCount, shares: shares, offsets: slots.offsets)
                .tokensOfRank.max() ?? 0
        }
        #expect(largest[0] <= largest[1] && largest[0] <= largest[2])
    }

    @Test("A nearest slot takes all tokens of its own rank") func nearest() throws {
        let placement = try Placement(layers: [[0, 1, 2, 3, 2, -1]], expertCount: 4, deviceCount: 2)
        let slots = try ExpertSlots(placement, layer: 0)
        // Rank 0 owns 0 and 1 and has a replica of 2; rank 1 owns 2 and 3.
        let shares = slots.fixedShares(counts: [1, 2, 9, 4, 5, 6, 7, 8], isNearest: true)
        #expect(shares.map(\.tokens) == [6, 8, 9, 7, 12] && shares.map(\.expert) == [0, 1, 2, 2, 3])
    }

    @Test("Equal shares differ by at most one token, and the first slots take more") func equal() throws {
        let placement = try Placement(layers: [[0, 1, 1, 2, 2, 0]], expertCount: 3, deviceCount: 3)
        let slots = try ExpertSlots(placement, layer: 0)
        let shares = slots.fixedShares(counts: [3, 4, 0, 0, 0, 0, 0, 0, 5], isNearest: false)
        #expect(shares.map(\.tokens) == [2, 1, 2, 2, 3, 2])
    }
}
