import ExpertBalancing
import Foundation
import TestSupport
import Testing

@Suite struct OptimalPolicyTests {
    @Test(
        "With two slots per device, the bound never exceeds the optimum and most plans are optimal",
        arguments: OptimalPolicy.Effort.allCases)
    func twoSlotsPerDevice(effort: OptimalPolicy.Effort) throws {
        var random = SeededGenerator(5)
        var optimal = 0
        var tight = 0
        let trials = 120
        for trial in 0..<trials {
            let experts = 5 + trial % 5
            let devices = (experts + 1) / 2 + trial % 3
            let loads = try random.loads(layers: 1, experts: experts)
            let best = BruteForce.pairedTime(loads.values, slots: 2 * devices)
            let world = try DeviceWorld(slotCount: 2 * devices, deviceCount: devices)
            let plan = try OptimalPolicy(world: world, effort: effort).plan(loads)
            try checkInvariants(plan, loads, world)
            let found = plan.certificates[0]
            #expect(found.lowerBound <= best * (1 + 1e-9), "\(loads.values) on \(devices)")
            #expect(found.longestTime >= best * (1 - 1e-9))
            if found.longestTime <= best * (1 + 1e-9) { optimal += 1 }
            if found.gap < 0.05 { tight += 1 }
        }
        #expect(optimal * 20 >= trials * 13, "\(optimal) of \(trials) optimal")
        #expect(tight * 2 >= trials, "\(tight) of \(trials) proved to 5 %")
    }

    private func checkInvariants(
        _ plan: CertifiedPlan, _ loads: ExpertLoads, _ world: DeviceWorld, allowsDuplicates: Bool = true
    ) throws {
        let placement = plan.placement
        // The initializer checks the number of slots and that every expert has a slot.
        let again = try Placement(
            experts: placement.experts, expertCount: loads.expertCount, deviceOffsets: world.deviceOffsets)
        #expect(again.layerCount == loads.layerCount)
        #expect(!placement.experts.contains(Placement.emptySlot))
        let devices = placement.deviceLoads(loads.values)
        for layer in 0..<loads.layerCount {
            let row = Array(placement.experts(ofLayer: layer))
            for device in 0..<world.deviceCount {
                let held = row[placement.slots(ofDevice: device)]
                #expect(allowsDuplicates || Set(held).count == held.count, "an expert is on device \(device) twice")
            }
            let times = (0..<world.deviceCount).map { devices[layer * world.deviceCount + $0] / world.speeds[$0] }
            let longest = times.max() ?? 0
            #expect(abs(longest - plan.certificates[layer].longestTime) <= 1e-9 * longest)
            #expect(plan.certificates[layer].lowerBound <= longest * (1 + 1e-9))
        }
    }

    @Test("Plans are complete, without duplicates and reproducible")
    func plansAreCompleteAndReproducible() throws {
        var random = SeededGenerator(2)
        for (experts, slots, devices) in [(8, 8, 8), (16, 24, 8), (16, 32, 4), (64, 80, 16), (64, 96, 48), (12, 60, 5)]
        {
            let loads = try random.loads(layers: 3, experts: experts)
            let world = try DeviceWorld(slotCount: slots, deviceCount: devices)
            let policy = try OptimalPolicy(world: world, allowsDuplicates: false)
            let plan = try policy.plan(loads)
            try checkInvariants(plan, loads, world, allowsDuplicates: false)
            #expect(plan.placement == (try policy.plan(loads).placement))
        }
    }

    @Test("Unequal devices are balanced by their speeds, and failed devices stay empty")
    func unequalAndFailedDevices() throws {
        var random = SeededGenerator(3)
        let loads = try random.loads(layers: 4, experts: 32)
        let world = try DeviceWorld(
            slotsPerDevice: [6, 6, 0, 7, 5, 6, 6, 6], speeds: [1, 1, 1, 2, 0.5, 1, 1, 1.5])
        let plan = try OptimalPolicy(world: world).plan(loads)
        try checkInvariants(plan, loads, world)
        #expect(plan.placement.slots(ofDevice: 2).isEmpty)
        #expect(plan.balance > 0.95)
    }

    @Test("Every group of experts stays on one node")
    func groupsStayOnTheirNode() throws {
        var random = SeededGenerator(4)
        let loads = try random.loads(layers: 3, experts: 32)
        let world = try DeviceWorld(slotCount: 48, deviceCount: 8, nodeCount: 2)
        let plan = try OptimalPolicy(world: world, groupCount: 4).plan(loads)
        try checkInvariants(plan, loads, world)
        for layer in 0..<3 {
            var nodeOfGroup = [Int: Int]()
            for (slot, expert) in plan.placement.experts(ofLayer: layer).enumerated() {
                let node = slot / 24
                #expect(nodeOfGroup[Int(expert) / 8, default: node] == node)
                nodeOfGroup[Int(expert) / 8] = node
            }
        }
    }

    @Test("Zero loads, one expert and more slots than experts are planned; impossible worlds are refused")
    func edgesOfTheWorld() throws {
        let zero = try ExpertLoads([0, 0, 0, 0], expertCount: 4)
        let spread = try OptimalPolicy(world: DeviceWorld(slotCount: 8, deviceCount: 4)).plan(zero)
        #expect(spread.placement.replicaCounts(ofLayer: 0) == [2, 2, 2, 2])
        #expect(spread.certificates[0].balance == 1 && spread.certificates[0].gap == 0)
        let one = try ExpertLoads([5], expertCount: 1)
        let single = try OptimalPolicy(world: DeviceWorld(slotCount: 1, deviceCount: 1)).plan(one)
        #expect(single.certificates[0].gap < 1e-9)
        // A device has more slots than there are experts, so duplicates are necessary.
        let crowded = try OptimalPolicy(world: DeviceWorld(slotCount: 6, deviceCount: 2)).plan(
            ExpertLoads([3, 1], expertCount: 2))
        #expect(crowded.placement.slotCount == 6)
        #expect(throws: BalancingError.self) {
            try OptimalPolicy(world: DeviceWorld(slotCount: 2, deviceCount: 2)).plan(zero)
        }
        #expect(throws: BalancingError.self) { try DeviceWorld(slotsPerDevice: [0, 0]) }
        #expect(throws: BalancingError.self) { try DeviceWorld(slotsPerDevice: [1, 1], speeds: [1, .nan]) }
        #expect(throws: BalancingError.self) { try DeviceWorld(slotsPerDevice: [1, Int.max, Int.max]) }
    }

    @Test(
        "Plans for recorded loads are nearly perfect",
        .enabled(if: RecordedLoads.folder != nil, "the recorded loads are absent"),
        arguments: ["prefill_in4096.json", "decode_in1000out1000.json"])
    func recordedLoadsAreNearlyPerfect(file: String) throws {
        let loads = try #require(try RecordedLoads.loads(file))
        for (slots, devices, least) in [(288, 32, 0.9995), (288, 72, 0.998), (320, 320, 0.5)] {
            let world = try DeviceWorld(slotCount: slots, deviceCount: devices)
            let plan = try OptimalPolicy(world: world).plan(loads)
            try checkInvariants(plan, loads, world)
            #expect(plan.balance >= least, "\(devices) devices: \(plan.balance)")
            if devices == 320 { #expect(plan.balanceBound - plan.balance < 1e-8) }
        }
        let nodes = try DeviceWorld(slotCount: 288, deviceCount: 32, nodeCount: 4)
        let plan = try OptimalPolicy(world: nodes, groupCount: 8).plan(loads)
        #expect(plan.balance >= plan.balanceBound * 0.998)
    }
}
