import ExpertBalancing
import Foundation
import TestSupport
import Testing

@Suite struct PlacementInvariantTests {
    /// Returns a random placement of `experts` experts as its three parts.
    private func parts(
        _ experts: Int, _ random: inout SeededGenerator
    ) -> (experts: [Int32], expertCount: Int, deviceOffsets: [Int]) {
        var offsets = [0]
        while offsets[offsets.count - 1] < experts || offsets.count < 3 {
            offsets.append(offsets[offsets.count - 1] + Int.random(in: 0...4, using: &random))
        }
        let slots = offsets[offsets.count - 1]
        var rows: [Int32] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            rows += (0..<slots).map { slot in
                slot < experts ? Int32(slot) : Int32.random(in: -1..<Int32(experts), using: &random)
            }.shuffled(using: &random)
        }
        return (rows, experts, offsets)
    }

    @Test("Random placements keep the invariants, and each random damage breaks one")
    func randomPlacements() throws {
        var random = SeededGenerator(41)
        for trial in 0..<200 {
            let whole = parts(Int.random(in: 1...9, using: &random), &random)
            let placement = try Placement(
                experts: whole.experts, expertCount: whole.expertCount, deviceOffsets: whole.deviceOffsets)
            placement._checkInvariants()
            #expect(
                placement
                    == Placement(
                        checkedExperts: whole.experts, expertCount: whole.expertCount,
                        deviceOffsets: whole.deviceOffsets))
            var damaged = whole
            let slots = placement.slotCount
            switch trial % 6 {
            case 0: damaged.expertCount = 0
            case 1: damaged.experts.append(0)
            case 2: damaged.experts[Int.random(in: damaged.experts.indices, using: &random)] = Int32(whole.expertCount)
            case 3: damaged.experts[Int.random(in: damaged.experts.indices, using: &random)] = -2
            case 4: damaged.deviceOffsets[1] = slots + 1
            default: damaged.experts = damaged.experts.map { $0 == 0 ? Placement.emptySlot : $0 }
            }
            // One slot per layer divides any number of values.
            if trial % 6 == 1, slots == 1 { continue }
            #expect(throws: PlacementError.self, "trial \(trial)") {
                try Placement(
                    experts: damaged.experts, expertCount: damaged.expertCount, deviceOffsets: damaged.deviceOffsets)
            }
        }
    }

    @Test("Every policy's placements keep the invariants")
    func placementsOfPolicies() throws {
        var random = SeededGenerator(42)
        let world = try DeviceWorld(slotCount: 24, deviceCount: 4, nodeCount: 2)
        let loads = try random.loads(layers: 3, experts: 16)
        let current = try OptimalPolicy(world: world).plan(random.loads(layers: 3, experts: 16)).placement
        var placements = [current]
        placements.append(current.relabelled(closestTo: current, in: world))
        placements.append(try OptimalPolicy(world: world, groupCount: 4).plan(loads).placement)
        placements.append(try BudgetedRebalancing(world: world, maxCopies: 9).rebalance(current, for: loads))
        placements.append(try RedundancyPolicy(world: world, deviceSlots: 14).plan([loads], effort: .quick).placement)
        placements.append(try JointPolicy(world: world).placement(for: [loads, random.loads(layers: 3, experts: 16)]))
        placements.append(
            try LocalityFrontier(loads, world: world, groupCount: 4).placement(remoteShareAtMost: 0.2))
        for placement in placements { placement._checkInvariants() }
    }

    @Test("A placement that breaks an invariant stops the process and names the invariant if the checks are on")
    func brokenPlacementsStopTheProcess() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            setenv("CONTRAFLOW_CHECK_INVARIANTS", "1", 1)
            _ = Placement(checkedExperts: [0, 0], expertCount: 2, deviceOffsets: [0, 1, 2])
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(text.contains("broken invariant: placement: layer 0 has no slot for expert 1"), "\(text)")
    }

    @Test("A placement is not checked if the checks are off")
    func brokenPlacementsAreIgnored() async {
        await #expect(processExitsWith: .success) {
            unsetenv("CONTRAFLOW_CHECK_INVARIANTS")
            _ = Placement(checkedExperts: [0, 0], expertCount: 2, deviceOffsets: [0, 1, 2])
        }
        await #expect(processExitsWith: .success) {
            setenv("CONTRAFLOW_CHECK_INVARIANTS", "0", 1)
            _ = Placement(checkedExperts: [0, 0], expertCount: 2, deviceOffsets: [0, 1, 2])
        }
    }
}
