import ExpertBalancing
import TestSupport
import Testing

@Suite struct SlotOwnersTests {
    /// Returns the fewest owners that move from `old` to `new`: those whose slot gets another expert.
    private func leastMoves(_ owners: SlotOwners, to new: Placement) -> Int {
        owners.slots.enumerated().count { index, slot in
            let row = Array(new.experts(ofLayer: index / new.expertCount))
            return Int(row[Int(slot)]) != index % new.expertCount
        }
    }

    @Test("An owner stays if its slot keeps the expert, and moves within its device if it can")
    func ownersMoveAsLittleAsPossible() throws {
        var random = SeededGenerator(41)
        for _ in 0..<200 {
            let devices = Int.random(in: 1...4, using: &random)
            let experts = Int.random(in: 2...8, using: &random)
            let slots = (experts + devices - 1) / devices + Int.random(in: 0...2, using: &random)
            let old = try random.placement(layers: 2, experts: experts, devices: devices, slotsPerDevice: slots)
            let new = try random.placement(layers: 2, experts: experts, devices: devices, slotsPerDevice: slots)
            let owners = SlotOwners(old)
            let moved = owners.moved(to: new)
            #expect(try SlotOwners(moved.slots, of: new) == moved)
            #expect(zip(owners.slots, moved.slots).count { $0 != $1 } == leastMoves(owners, to: new))
            #expect(owners.moved(to: old) == owners)
            let deviceOfSlot = new.deviceOfSlot
            for (index, (before, after)) in zip(owners.slots, moved.slots).enumerated() {
                let row = Array(new.experts(ofLayer: index / experts))
                let device = deviceOfSlot[Int(before)]
                let isHeld = new.slots(ofDevice: device).contains { Int(row[$0]) == index % experts }
                #expect(!isHeld || deviceOfSlot[Int(after)] == device)
            }
        }
    }

    @Test("The first owners are spread over the devices, and a lost owner goes to the device that owns the fewest")
    func ownersAreSpread() throws {
        let full = try Placement(layers: [[0, 1, 2, 3, 0, 1, 2, 3]], expertCount: 4, deviceCount: 2)
        #expect(SlotOwners(full).slots == [0, 5, 2, 7])
        let old = try Placement(layers: [[0, 1, 2, 3, 3, 3]], expertCount: 4, deviceCount: 3)
        let new = try Placement(layers: [[3, 1, 2, 0, 0, 3]], expertCount: 4, deviceCount: 3)
        let owners = try SlotOwners([0, 1, 2, 3], of: old)
        // Expert 0 may move to device 1 or 2. Device 2 owns nothing. Expert 3 then moves to device 0, the first of equals.
        #expect(owners.moved(to: new).slots == [4, 1, 2, 0])
    }

    @Test("Owners whose slot holds another expert are refused")
    func wrongOwnersAreRefused() throws {
        let placement = try Placement(layers: [[0, 1, 1, 0]], expertCount: 2, deviceCount: 2)
        #expect(try SlotOwners([3, 2], of: placement).slots == [3, 2])
        for slots: [Int32] in [[0], [1, 2], [0, 4], [0, -1]] {
            #expect(throws: BalancingError.self) { try SlotOwners(slots, of: placement) }
        }
    }
}
