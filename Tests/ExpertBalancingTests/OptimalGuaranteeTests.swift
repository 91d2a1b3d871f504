import ExpertBalancing
import TestSupport
import Testing

@Suite struct OptimalGuaranteeTests {
    private func longestTime(_ placement: Placement, _ loads: ExpertLoads, _ world: DeviceWorld) -> Double {
        zip(placement.deviceLoads(loads.values), world.speeds).map { $0 / $1 }.max() ?? 0
    }

    @Test("A duplicate is used only if it beats every placement without one, and can be forbidden")
    func duplicatesAreUsedIfTheyHelp() throws {
        let loads = try ExpertLoads([130, 754, 948], expertCount: 3)
        let world = try DeviceWorld(slotCount: 4, deviceCount: 2)
        let free = try OptimalPolicy(world: world).plan(loads)
        #expect(abs(free.balance - 916 / 948) < 1e-12 && free.placement.duplicateCount == 1)
        let distinct = try OptimalPolicy(world: world, allowsDuplicates: false).plan(loads)
        #expect(abs(distinct.balance - 916 / 1013) < 1e-12 && distinct.placement.duplicateCount == 0)
        #expect(free.certificates[0].gap == 0 && distinct.certificates[0].gap == 0)
        // Devices are equally loaded with a duplicate and without one.
        let even = try OptimalPolicy(world: world).plan(ExpertLoads([6, 3, 3], expertCount: 3))
        #expect(even.balance == 1 && even.placement.duplicateCount == 0)
    }

    @Test("Small plans equal an exhaustive search", arguments: [true, false])
    func smallPlansEqualAnExhaustiveSearch(allowsDuplicates: Bool) throws {
        var random = SeededGenerator(101)
        let shapes: [[Int]] = [
            [2, 2], [3, 3], [2, 2, 2], [2, 2, 1], [1, 1, 1, 1], [3, 2], [2, 2, 2, 2], [4, 1, 1], [2, 0, 3],
        ]
        for slots in shapes {
            for experts in 2...5 where slots.reduce(0, +) >= experts && slots.allSatisfy({ $0 <= experts }) {
                for trial in 0..<8 {
                    let loads = try random.loads(layers: 1, experts: experts)
                    let speeds = trial < 5 ? nil : slots.map { _ in Double.random(in: 0.5..<2, using: &random) }
                    let search = BruteForce(
                        slotsPerDevice: slots, speeds: speeds, allowsDuplicates: allowsDuplicates)
                    let best = search.optimum(loads.values).time
                    let plan = try OptimalPolicy(
                        world: DeviceWorld(slotsPerDevice: slots, speeds: speeds), allowsDuplicates: allowsDuplicates
                    ).plan(loads)
                    let found = plan.certificates[0]
                    #expect(abs(found.longestTime - best) <= 1e-8 * best, "\(loads.values) on \(slots)")
                    #expect(found.gap <= 1e-8, "\(loads.values) on \(slots)")
                    #expect(allowsDuplicates || plan.placement.duplicateCount == 0)
                }
            }
        }
    }

    @Test("Small plans with groups equal an exhaustive search")
    func smallHierarchiesEqualAnExhaustiveSearch() throws {
        var random = SeededGenerator(102)
        let shapes = [
            (4, 2, 2, 4, 4), (4, 2, 2, 2, 4), (4, 4, 2, 2, 6), (6, 3, 3, 3, 6), (6, 2, 2, 2, 6), (4, 4, 2, 4, 4),
        ]
        for (experts, groups, nodes, devices, slots) in shapes {
            for trial in 0..<10 {
                let loads = try random.loads(layers: 1, experts: experts)
                let speeds = trial < 7 ? nil : (0..<devices).map { _ in Double.random(in: 0.5..<2, using: &random) }
                let world = try DeviceWorld(
                    slotsPerDevice: [Int](repeating: slots / devices, count: devices), speeds: speeds, nodeCount: nodes)
                let best = BruteForce(
                    slotsPerDevice: world.slotsPerDevice, speeds: speeds, nodes: nodes, groups: groups
                ).optimum(loads.values).time
                let found = try OptimalPolicy(world: world, groupCount: groups).plan(loads).certificates[0]
                #expect(abs(found.longestTime - best) <= 1e-8 * best, "\(loads.values), \(groups) groups on \(nodes)")
                #expect(found.gap <= 1e-8, "\(loads.values), \(groups) groups on \(nodes)")
            }
        }
    }

    @Test("The bound of a placement with groups follows from the assignment of groups to nodes")
    func boundsFollowFromGroups() throws {
        let loads = try ExpertLoads([8, 1, 1, 1], expertCount: 4)
        let world = try DeviceWorld(slotCount: 6, deviceCount: 6, nodeCount: 2)
        let plan = try OptimalPolicy(world: world, groupCount: 2).plan(loads)
        #expect(abs(plan.balance - 11.0 / 24) < 1e-12 && plan.certificates[0].gap == 0)
        // Each node holds one group, so that the hottest expert has at most 33 of the 40 replicas of its node.
        var values = [Double](repeating: 1, count: 64)
        values[3] = 1000
        let wide = try DeviceWorld(slotCount: 320, deviceCount: 320, nodeCount: 8)
        let hot = try OptimalPolicy(world: wide, groupCount: 8).plan(ExpertLoads(values, expertCount: 64))
        #expect(abs(hot.certificates[0].longestTime - 1000.0 / 33) < 1e-9 && hot.certificates[0].gap < 1e-9)
    }

    @Test("No plan is worse than another policy's, and no balance exceeds its bound")
    func noPlanIsWorseThanAnotherPolicys() throws {
        var random = SeededGenerator(103)
        for _ in 0..<300 {
            let layer = try RandomLayer(experts: 128, using: &random)
            var request = PlacementRequest([layer.loads], world: layer.world)
            request.effort = .quick
            request.groupCount = layer.groups
            let plan = try request.plan()
            let time = longestTime(plan.placement, layer.loads, layer.world)
            #expect(plan.certificates[0].lowerBound <= time * (1 + 1e-12))
            #expect(abs(plan.certificates[0].longestTime - time) <= time * 1e-9)
            request.policyName = "deepseek"
            let deepSeek = try request.plan().placement
            #expect(time <= longestTime(deepSeek, layer.loads, layer.world) * (1 + 1e-9), "\(layer)")
            request.policyName = "optimal"
            if let groups = layer.groups, layer.world.nodeCount > 1 {
                request.maxRemoteShare = 0
                let local = try request.plan().placement
                request.maxRemoteShare = nil
                request.effort = .thorough
                let thorough = try request.plan().certificates[0]
                request.effort = .quick
                #expect(
                    thorough.longestTime <= longestTime(local, layer.loads, layer.world) * (1 + 1e-9),
                    "\(groups): \(layer)")
                #expect(thorough.longestTime <= time * (1 + 1e-12))
            }
            request.allowsDuplicates = false
            let distinct = try request.plan()
            // A device with more slots than its node has experts must hold duplicates.
            let expertsOfNode = layer.loads.expertCount / (layer.groups == nil ? 1 : layer.world.nodeCount)
            #expect(distinct.placement.duplicateCount == 0 || layer.world.slotsPerDevice[0] > expertsOfNode)
            #expect(
                longestTime(distinct.placement, layer.loads, layer.world) >= plan.certificates[0].lowerBound
                    * (1 - 1e-9))
        }
    }

    @Test("Groups of one expert are divided among nodes of one device as well as possible")
    func groupsAreDividedExactly() throws {
        let loads = [2138, 1741, 728, 323, 721, 823, 1381, 603, 359, 383, 487, 3460, 3854, 13, 557, 1495]
        let world = try DeviceWorld(slotCount: 16, deviceCount: 4, nodeCount: 4)
        let plan = try OptimalPolicy(world: world, groupCount: 16, effort: .thorough).plan(
            ExpertLoads(loads.map(Double.init), expertCount: 16))
        #expect(plan.certificates[0].longestTime == 4783 && plan.certificates[0].gap < 1e-9)
    }

    @Test("The gap of placements with groups is at most 1 % at the 95th percentile")
    func gapsWithGroupsAreSmall() throws {
        var random = SeededGenerator(104)
        let gaps = try (0..<80).map { _ -> Double in
            let layer = try RandomLayer(experts: 128, using: &random)
            let policy = try OptimalPolicy(world: layer.world, groupCount: layer.groups, effort: .thorough)
            return try policy.plan(layer.loads).certificates[0].gap
        }
        #expect(gaps.sorted()[75] <= 0.01)
    }
}
