import ExpertBalancing
import TestSupport
import Testing

@Suite struct RedundancyPolicyTests {
    @Test("Layers share a budget of slots with the least sum of times")
    func layersShareOneBudget() throws {
        var random = SeededGenerator(81)
        // One layer is even, one skewed, one without load.
        let skewed = try random.loads(layers: 1, experts: 16).values
        let loads = try ExpertLoads(
            (0..<16).map { 500 + Double($0) } + skewed + [Double](repeating: 0, count: 16), expertCount: 16)
        let least = 4
        let devices = try DeviceWorld(slotCount: 4, deviceCount: 4)
        for budget in 12...17 {
            let plan = try RedundancyPolicy(world: devices, deviceSlots: budget).plan([loads], effort: .quick)
            let slotsOfLayer = plan.placement.usedSlotsPerDevice
            #expect(slotsOfLayer.reduce(0, +) <= budget && slotsOfLayer.allSatisfy { $0 >= least })
            #expect(slotsOfLayer[2] == least)
            var best = Double.infinity
            for first in least...least + budget - 12 {
                let second = budget - first - least
                guard second >= least else { continue }
                let times = try [first, second].enumerated().map { layer, slots -> Double in
                    let world = try DeviceWorld(slotCount: 4 * slots, deviceCount: 4)
                    return try OptimalPolicy(world: world).plan(loads).certificates[layer].longestTime
                }
                best = min(best, times.reduce(0, +))
            }
            let sum = plan.certificates.reduce(0) { $0 + $1.longestTime }
            #expect(sum <= best * (1 + 1e-9), "\(budget)")
            // The placement is complete, and smaller layers have empty slots.
            let placement = plan.placement
            _ = try Placement(
                experts: placement.experts, expertCount: 16, deviceOffsets: placement.deviceOffsets)
            for layer in 0..<3 {
                for device in 0..<4 {
                    let row = Array(placement.experts(ofLayer: layer))[placement.slots(ofDevice: device)]
                    #expect(row.count { $0 != Placement.emptySlot } == slotsOfLayer[layer])
                }
            }
            let times = placement.deviceLoads(loads.values)
            let longest = times[4..<8].max() ?? 0
            #expect(abs(longest - plan.certificates[1].longestTime) <= 1e-9 * longest)
        }
    }

    @Test("Too few slots are refused, and more slots than useful are accepted")
    func tooFewSlotsAreRefused() throws {
        let loads = try ExpertLoads([Double](repeating: 1, count: 20), expertCount: 10)
        let devices = try DeviceWorld(slotCount: 4, deviceCount: 4)
        #expect(throws: BalancingError.self) {
            try RedundancyPolicy(world: devices, deviceSlots: 5).plan([loads], effort: .quick)
        }
        let plan = try RedundancyPolicy(world: devices, deviceSlots: 1000).plan([loads], effort: .quick)
        #expect(plan.placement.usedSlotsPerDevice.count == 2)
    }
}
