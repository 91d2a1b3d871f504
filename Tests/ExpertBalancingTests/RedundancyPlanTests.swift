import ExpertBalancing
import Testing

@Suite struct RedundancyPlanTests {
    @Test func layersShareOneBudgetInTheBestWay() throws {
        var random = SeededGenerator(81)
        // One layer is even, one skewed, one without load.
        let skewed = try random.loads(layers: 1, experts: 16).values
        let loads = try ExpertLoads(
            (0..<16).map { 500 + Double($0) } + skewed + [Double](repeating: 0, count: 16), expertCount: 16)
        let least = 4
        for budget in 12...17 {
            let plan = try RedundancyPlan(loads, deviceCount: 4, deviceSlots: budget)
            #expect(plan.slotsPerDevice.reduce(0, +) <= budget && plan.slotsPerDevice.allSatisfy { $0 >= least })
            #expect(plan.slotsPerDevice[2] == least)
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
            // The placement is whole, with empty slots where a layer has fewer.
            let placement = plan.placement
            _ = try Placement(
                experts: placement.experts, expertCount: 16, deviceOffsets: placement.deviceOffsets)
            for layer in 0..<3 {
                let used = placement.experts(ofLayer: layer).count { $0 != Placement.emptySlot }
                #expect(used == 4 * plan.slotsPerDevice[layer])
            }
            let devices = placement.deviceLoads(loads.values)
            let longest = devices[4..<8].max() ?? 0
            #expect(abs(longest - plan.certificates[1].longestTime) <= 1e-9 * longest)
        }
    }

    @Test func tooFewSlotsAreRefused() throws {
        let loads = try ExpertLoads([Double](repeating: 1, count: 20), expertCount: 10)
        #expect(throws: BalancingError.self) { try RedundancyPlan(loads, deviceCount: 4, deviceSlots: 5) }
        #expect(throws: BalancingError.self) { try RedundancyPlan(loads, deviceCount: 0, deviceSlots: 50) }
        #expect(try RedundancyPlan(loads, deviceCount: 4, deviceSlots: 1000).slotsPerDevice.count == 2)
    }
}
