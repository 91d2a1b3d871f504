import ExpertBalancing
import TestSupport
import Testing

@Suite struct LocalityTests {
    @Test("The remote share counts load outside the home node of its group")
    func remoteLoadIsCounted() throws {
        // There are two nodes of two devices, and two groups of two experts. Expert 2 has a remote replica.
        let placement = try Placement(layers: [[0, 1, 2, 1, 3, 2, 2, 3]], expertCount: 4, deviceCount: 4)
        let loads = try ExpertLoads([10, 8, 6, 4], expertCount: 4)
        // Node 0 serves all of group 0, 10 + 8, and a third of expert 2. Node 1 serves the rest of group 1.
        let share = try placement.remoteShare(loads, groupCount: 2, nodeCount: 2)
        #expect(abs(share - 2.0 / 28) < 1e-12)
        #expect(throws: BalancingError.self) { try placement.remoteShare(loads, groupCount: 3, nodeCount: 2) }
        #expect(throws: BalancingError.self) { try placement.remoteShare(loads, groupCount: 3, nodeCount: 3) }
    }

    @Test("The frontier leads from the hierarchical plan to the plan that ignores nodes")
    func frontierConnectsBothPlans() throws {
        var random = SeededGenerator(61)
        let loads = try random.loads(layers: 4, experts: 64)
        let world = try DeviceWorld(slotCount: 80, deviceCount: 16, nodeCount: 4)
        let frontier = try LocalityFrontier(loads, world: world, groupCount: 8, allowsDuplicates: false)
        let near = try OptimalPolicy(world: world, groupCount: 8, allowsDuplicates: false).plan(loads)
        let far = try OptimalPolicy(world: world, allowsDuplicates: false).plan(loads)
        let first = try #require(frontier.points.first)
        let last = try #require(frontier.points.last)
        #expect(first.remoteShare == 0 && abs(first.balance - near.balance) < 1e-12)
        #expect(abs(last.balance - far.balance) < 1e-3 && last.remoteShare < 0.8)
        #expect(frontier.points.count > 2)
        for (a, b) in zip(frontier.points, frontier.points.dropFirst()) {
            #expect(a.remoteShare <= b.remoteShare && a.balance < b.balance)
        }
        for cap in [0, 0.02, 0.1, 0.3, 1] {
            let placement = frontier.placement(remoteShareAtMost: cap)
            let remote = try placement.remoteShare(loads, groupCount: 8, nodeCount: 4)
            #expect(remote <= cap + 1e-9, "\(remote) for \(cap)")
            let known = try #require(frontier.points.last { $0.remoteShare <= cap + 1e-9 })
            #expect(placement.balancedness(loads.values) >= known.balance - 1e-9)
            _ = try Placement(experts: placement.experts, expertCount: 64, deviceOffsets: world.deviceOffsets)
            #expect(placement.duplicateCount == 0)
        }
        // The points are the best that the placements under limits reach.
        for step in 0...400 {
            let cap = last.remoteShare * Double(step) / 400
            let known = try #require(frontier.points.last { $0.remoteShare <= cap + 1e-9 })
            let balance = frontier.placement(remoteShareAtMost: cap).balancedness(loads.values)
            #expect(abs(balance - known.balance) < 1e-9, "\(step)")
        }
        for count in 1...frontier.points.count + 1 {
            let samples = frontier.samples(count)
            #expect(samples.last == last && samples.first == first || count == 1)
            #expect(count == 1 || samples.count <= count)
            #expect(zip(samples, samples.dropFirst()).allSatisfy { $0.remoteShare < $1.remoteShare }, "\(count)")
        }
    }

    @Test("Groups that do not divide are refused, and equal loads leave nothing to gain")
    func impossibleFrontiersAreRefused() throws {
        let loads = try ExpertLoads([Double](repeating: 1, count: 8), expertCount: 8)
        let world = try DeviceWorld(slotCount: 12, deviceCount: 4, nodeCount: 2)
        #expect(throws: BalancingError.self) { _ = try LocalityFrontier(loads, world: world, groupCount: 3) }
        #expect(throws: BalancingError.self) { _ = try LocalityFrontier(loads, world: world, groupCount: 0) }
        // With equal loads, no remote load improves the balance.
        #expect(try LocalityFrontier(loads, world: world, groupCount: 4).points.count <= 2)
    }
}
