import ExpertBalancing
import Testing

@Suite struct ReplicaLayoutTests {
    @Test("A layout has the owners and the free slots of its layer")
    func ownersAndFreeSlots() throws {
        let placement = try Placement(
            layers: [[0, 1, -1, 1, -1, -1], [-1, 0, 1, -1, -1, -1]], expertCount: 2, deviceCount: 2)
        let first = try ReplicaLayout(placement)
        #expect(first.ownerSlots == [0, 1] && first.ownerRanks == [0, 0])
        #expect(Array(first.freeSlots(ofRank: 0)) == [2] && Array(first.freeSlots(ofRank: 1)) == [4, 5])
        let moved = try ReplicaLayout(placement, ownerSlots: [0, 3])
        #expect(moved.ownerRanks == [0, 1])
        let second = try ReplicaLayout(placement, layer: 1)
        #expect(second.ownerSlots == [1, 2] && second.freeSlots(ofRank: 1).count == 3)
        #expect(throws: BalancingError.self) { try ReplicaLayout(placement, layer: 2) }
        #expect(throws: BalancingError.self) { try ReplicaLayout(placement, ownerSlots: [0]) }
        #expect(throws: BalancingError.self) { try ReplicaLayout(placement, ownerSlots: [0, 2]) }
        #expect(throws: BalancingError.self) { try ReplicaLayout(placement, ownerSlots: [0, 6]) }
    }

    @Test("A slack gives a limit of whole tokens")
    func slack() throws {
        #expect(BalanceSlack.none.tokenLimit(total: 10, rankCount: 4) == 3)
        let slack = try BalanceSlack(0.05)
        #expect(slack.millionths == 50_000)
        #expect(slack.tokenLimit(total: 400, rankCount: 4) == 105)
        #expect(slack.tokenLimit(total: 401, rankCount: 4) == 105)
        #expect(slack.tokenLimit(total: 10, rankCount: 4) == 3)
        #expect(try BalanceSlack(1000).tokenLimit(total: Int(Int32.max), rankCount: 4) == Int(Int32.max))
        #expect(BalanceSlack.none.tokenLimit(total: 0, rankCount: 4) == 0)
        for fraction in [-0.01, 1000.5, .nan, .infinity] {
            #expect(throws: BalancingError.self) { try BalanceSlack(fraction) }
        }
        #expect(throws: BalancingError.self) { try BalanceSlack(millionths: -1) }
    }
}
