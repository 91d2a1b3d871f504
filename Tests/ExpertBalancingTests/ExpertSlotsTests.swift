import ExpertBalancing
import TestSupport
import Testing

@Suite("Slots of experts") struct ExpertSlotsTests {
    @Test("Each rank owns its share of the experts, in slots of its own") func shares() {
        let slots = ExpertSlots(expertCount: 6, rankCount: 3, freeSlotsPerRank: 1)
        #expect(slots.owned == [[0, 1], [2, 3], [4, 5]] && slots.owners == [0, 0, 1, 1, 2, 2])
        #expect(slots.offsets == [0, 3, 6, 9] && !slots.hasReplicaSlots)
        #expect(slots.placement.experts == [0, 1, -1, 2, 3, -1, 4, 5, -1] && slots.ownerSlots == [0, 1, 3, 4, 6, 7])
    }

    /// Whether the experts can be owned in equal numbers, by Hall's condition for sets of experts and their ranks.
    private func canOwn(_ held: [Set<Int>], experts: Int) -> Bool {
        let capacity = experts / held.count
        return (1..<1 << experts).allSatisfy { set in
            let ranks = held.count { rank in rank.contains { set >> $0 & 1 == 1 } }
            return set.nonzeroBitCount <= ranks * capacity
        }
    }

    @Test("Owners are found exactly if there are any, own equally many experts, and stay where they can") func owners()
        throws
    {
        var random = SeededGenerator(3)
        var found = 0
        for _ in 0..<2000 {
            let ranks = [2, 3, 4].randomElement(using: &random) ?? 2
            let experts = ranks * Int.random(in: 1...(ranks == 4 ? 2 : 3), using: &random)
            let perRank = experts / ranks + Int.random(in: 0...2, using: &random)
            let slots = (0..<ranks * perRank).map { slot in
                Int32(slot < experts ? slot : Int.random(in: 0..<experts, using: &random))
            }.shuffled(using: &random)
            let placement = try Placement(layers: [slots], expertCount: experts, deviceCount: ranks)
            let held = (0..<ranks).map { Set(placement.experts[placement.slots(ofDevice: $0)].map(Int.init)) }
            guard canOwn(held, experts: experts) else {
                #expect(throws: BalancingError.self) { try ExpertSlots(placement, layer: 0) }
                continue
            }
            found += 1
            let result = try ExpertSlots(placement, layer: 0)
            for rank in 0..<ranks {
                #expect(result.owned[rank].count == experts / ranks)
                #expect(Set(result.owned[rank] + result.replicas[rank]) == held[rank])
                #expect(result.owned[rank].allSatisfy { result.owners[$0] == rank })
                let order = result.replicas[rank].map { (result.owners[$0], $0) }
                #expect(zip(order, order.dropFirst()).allSatisfy { $0 < $1 })
            }
            #expect(result.offsets == placement.deviceOffsets)
            #expect(zip(result.replicas, result.replicaSlots).allSatisfy { $0.count <= $1 })
            let kept = try ExpertSlots(result.placement, layer: 0, keepingOwnersOf: result)
            #expect(kept == result)
        }
        #expect(found > 500)
    }

    @Test("A placement whose experts cannot be owned in equal numbers is refused with the layer") func refusal() throws
    {
        let placement = try Placement(layers: [[0, 0, 0, 1, 2, 3]], expertCount: 4, deviceCount: 2)
        let error = #expect(throws: BalancingError.self) { try ExpertSlots(placement, layer: 0) }
        #expect(error?.description.hasPrefix("layer 0: the 2 ranks cannot own 2 experts each") == true)
        let uneven = try Placement(layers: [[0, 1, 2, 0]], expertCount: 3, deviceCount: 2)
        #expect(throws: BalancingError.self) { try ExpertSlots(uneven, layer: 0) }
    }
}
