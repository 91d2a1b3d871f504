import ExpertBalancing
import TestSupport
import Testing

@Suite struct MigrationSchedulerTests {
    /// A placement with its owners, which takes over copies step after step.
    private struct Slots {
        var experts: [Int32]
        var owners: [Int32]
        let placement: Placement

        init(_ placement: Placement, _ owners: SlotOwners) {
            experts = placement.experts
            self.owners = owners.slots
            self.placement = placement
        }

        /// Checks the copies of a step against the slots at its beginning, and takes them over.
        mutating func take(_ migration: MigrationPlan) {
            let deviceOfSlot = placement.deviceOfSlot
            let before = self
            for copy in migration.copies {
                let row = copy.layer * placement.slotCount
                let owner = copy.layer * placement.expertCount + copy.expert
                #expect(deviceOfSlot[copy.slot] == copy.target)
                #expect(placement.slots(ofDevice: copy.source).contains { before.experts[row + $0] == copy.expert })
                if copy.content.contains(.state) {
                    #expect(deviceOfSlot[Int(before.owners[owner])] == copy.source)
                    owners[owner] = Int32(copy.slot)
                }
                if copy.content.contains(.weights) {
                    #expect(before.experts[row + copy.slot] != copy.expert)
                } else {
                    #expect(before.experts[row + copy.slot] == copy.expert)
                }
                experts[row + copy.slot] = Int32(copy.expert)
            }
            for (index, slot) in owners.enumerated() {
                let (layer, expert) = index.quotientAndRemainder(dividingBy: placement.expertCount)
                #expect(experts[layer * placement.slotCount + Int(slot)] == expert, "an owner holds its expert")
            }
        }
    }

    @Test("Every step leaves each expert with its owner, and the last step gives the new placement")
    func everyStepIsComplete() throws {
        var random = SeededGenerator(42)
        for _ in 0..<150 {
            let devices = Int.random(in: 1...5, using: &random)
            let experts = Int.random(in: 2...12, using: &random)
            let perDevice = (experts + devices - 1) / devices + Int.random(in: 0...2, using: &random)
            let old = try random.placement(layers: 3, experts: experts, devices: devices, slotsPerDevice: perDevice)
            let new = try random.placement(layers: 3, experts: experts, devices: devices, slotsPerDevice: perDevice)
                .keepingSlots(of: old)
            let owners = SlotOwners(old)
            let newOwners = owners.moved(to: new)
            let limit = Int.random(in: 1...4, using: &random)
            var scheduler = MigrationScheduler(limit: limit, placement: old)
            let lastSteps = [2, 0, 1].map { ($0, scheduler.schedule(layer: $0, from: old, owners, to: new, newOwners)) }
            let migrations = scheduler.migrations
            var slots = Slots(old, owners)
            for migration in migrations {
                #expect(!migration.copies.isEmpty)
                if migration.rounds.count > limit { #expect(Set(migration.copies.map(\.layer)).count == 1) }
                #expect(migration.rounds.flatMap(\.self).sorted() == Array(migration.copies.indices))
                slots.take(migration)
            }
            #expect(slots.experts == new.experts && slots.owners == newOwners.slots)
            let copies = migrations.flatMap(\.copies)
            #expect(copies.count { $0.content.contains(.weights) } == zip(old.experts, new.experts).count { $0 != $1 })
            #expect(
                copies.count { $0.content.contains(.state) } == zip(owners.slots, newOwners.slots).count { $0 != $1 })
            for (layer, steps) in lastSteps {
                let last = migrations.lastIndex { $0.copies.contains { $0.layer == layer } }
                #expect(last.map { $0 + 1 } == steps)
            }
        }
    }

    @Test("Two experts that change places move in one step, and an owner that leaves a replica sends its state alone")
    func partsAreMinimal() throws {
        let old = try Placement(layers: [[0, 1, 2, 3, 0, 1]], expertCount: 4, deviceCount: 3)
        let new = try Placement(layers: [[2, 1, 0, 3, 0, 3]], expertCount: 4, deviceCount: 3)
        let owners = try SlotOwners([4, 5, 2, 3], of: old)
        let newOwners = owners.moved(to: new)
        #expect(newOwners.slots == [4, 1, 0, 3])
        var scheduler = MigrationScheduler(limit: 1, placement: old)
        #expect(scheduler.schedule(layer: 0, from: old, owners, to: new, newOwners) == 2)
        let steps = scheduler.migrations.map {
            $0.copies.map { [$0.expert, $0.source, $0.target, Int($0.content.rawValue)] }
        }
        // Expert 2 moves to slot 0, which only a replica leaves. Slot 2 gets a replica in the same step. Slot 5 gets a
        // replica of expert 3 in the second step, and the owner of expert 1 leaves slot 5 for its replica in slot 1.
        #expect(steps == [[[2, 1, 0, 3], [0, 0, 1, 1]], [[1, 2, 0, 2], [3, 1, 2, 1]]])
    }
}
