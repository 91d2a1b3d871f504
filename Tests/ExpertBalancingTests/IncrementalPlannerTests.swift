import ExpertBalancing
import TestSupport
import Testing

@Suite struct IncrementalPlannerTests {
    @Test("A layer is replanned with fewer copies than a new plan and nearly its balance")
    func layersAreReplannedInPlace() throws {
        var random = SeededGenerator(51)
        let world = try DeviceWorld(slotCount: 80, deviceCount: 16)
        var planner = try IncrementalPlanner(world: world, expertCount: 64)
        for _ in 0..<8 {
            let old = try random.loads(layers: 1, experts: 64)
            let new = try ExpertLoads(
                old.values.map { $0 * Double.random(in: 0.7..<1.4, using: &random) }, expertCount: 64)
            let start = try OptimalPolicy(world: world).plan(old).placement
            var slots = start.experts
            let certificate = try planner.replan(&slots, for: new[layer: 0])
            let placement = try Placement(
                experts: slots, expertCount: 64, deviceOffsets: world.deviceOffsets)
            #expect(placement.duplicateCount == 0)
            #expect(abs(placement.balancedness(new.values) - certificate.balance) < 1e-9)
            let fresh = try OptimalPolicy(world: world).plan(new)
            #expect(certificate.balance >= fresh.balance - 0.02)
            #expect(certificate.lowerBound <= fresh.certificates[0].longestTime * (1 + 1e-9))
            let copies = MigrationPlan(from: start, to: placement).copies.count
            #expect(copies < MigrationPlan(from: start, to: fresh.placement).copies.count)
            // A lower goal moves no more experts.
            var easy = start.experts
            let loose = try planner.replan(&easy, for: new[layer: 0], goal: 0.9)
            let eased = try Placement(experts: easy, expertCount: 64, deviceOffsets: world.deviceOffsets)
            #expect(MigrationPlan(from: start, to: eased).copies.count <= copies)
            #expect(loose.balance >= 0.85)
        }
    }

    @Test("A balanced layer keeps its slots")
    func balancedLayersStay() throws {
        var random = SeededGenerator(52)
        let loads = try random.loads(layers: 1, experts: 32)
        let world = try DeviceWorld(slotsPerDevice: [6, 6, 0, 7, 5, 6, 6, 6], speeds: [1, 1, 1, 1, 1, 1, 1, 1])
        let plan = try OptimalPolicy(world: world).plan(loads)
        var planner = try IncrementalPlanner(world: world, expertCount: 32)
        var slots = plan.placement.experts
        let certificate = try planner.replan(&slots, for: loads[layer: 0], goal: 0.99)
        #expect(slots == plan.placement.experts)
        #expect(abs(certificate.longestTime - plan.certificates[0].longestTime) <= 1e-9 * certificate.longestTime)
    }

    @Test("Slots, loads and goals that are not valid for the planner are refused, and the slots stay")
    func invalidLayersAreRefused() throws {
        let world = try DeviceWorld(slotCount: 4, deviceCount: 2)
        var planner = try IncrementalPlanner(world: world, expertCount: 3)
        for (slots, loads, goal) in [
            ([0, 1, 2], [1.0, 2, 3], 1.0), ([0, 1, 2, 3], [1, 2, 3], 1), ([0, 1, 1, 0], [1, 2, 3], 1),
            ([0, 1, 2, -1], [1, 2, 3], 1), ([0, 1, 2, 0], [1, 2], 1), ([0, 1, 2, 0], [1, 2, 3], 0),
        ] as [([Int32], [Double], Double)] {
            var row = slots
            #expect(throws: BalancingError.self) { try planner.replan(&row, for: loads[...], goal: goal) }
            #expect(row == slots)
        }
        var row: [Int32] = [0, 1, 2, 0]
        #expect(throws: ExpertLoadsError.self) { try planner.replan(&row, for: [1, .nan, 3]) }
        #expect(throws: BalancingError.self) { _ = try IncrementalPlanner(world: world, expertCount: 5) }
    }
}
