import ExpertBalancing
import TestSupport
import Testing

@Suite struct JointPolicyTests {
    private func balances(_ placement: Placement, _ workloads: [ExpertLoads]) -> [Double] {
        workloads.map { placement.balancedness($0.values) }
    }

    @Test("A joint plan serves the worst workload better than a plan for the mean")
    func jointPlansBeatThePlanForTheMean() throws {
        var random = SeededGenerator(71)
        let world = try DeviceWorld(slotCount: 40, deviceCount: 8)
        var mean = 0.0
        var joint = 0.0
        for _ in 0..<6 {
            let workloads = try (0..<3).map { _ in try random.loads(layers: 1, experts: 32) }
            let scaled = workloads.map { load in load.values.map { $0 / load.total(ofLayer: 0) } }
            let sums = (0..<32).map { expert in scaled.reduce(0) { $0 + $1[expert] } }
            let plain = try OptimalPolicy(world: world, allowsDuplicates: false).plan(
                ExpertLoads(sums, expertCount: 32)
            ).placement
            let placement = try JointPolicy(world: world, objective: .worst, allowsDuplicates: false).placement(
                for: workloads)
            _ = try Placement(experts: placement.experts, expertCount: 32, deviceOffsets: world.deviceOffsets)
            #expect(placement.duplicateCount == 0)
            let worst = balances(placement, workloads).min() ?? 0
            #expect(worst >= (balances(plain, workloads).min() ?? 0) - 1e-9)
            joint += worst
            mean += balances(plain, workloads).min() ?? 0
            let average = try JointPolicy(world: world, objective: .mean, allowsDuplicates: false)
                .placement(for: workloads)
            let times = balances(average, workloads).reduce(0) { $0 + 1 / $1 }
            #expect(times <= balances(plain, workloads).reduce(0) { $0 + 1 / $1 } + 1e-9)
        }
        #expect(joint > mean + 0.1)
    }

    @Test("Small joint plans are close to the optimum over all placements")
    func smallPlansAreNearTheOptimum() throws {
        var random = SeededGenerator(72)
        let world = try DeviceWorld(slotCount: 6, deviceCount: 3)
        var optimal = 0
        for _ in 0..<20 {
            let workloads = try (0..<2).map { _ in try random.loads(layers: 1, experts: 4) }
            func worst(_ slots: [Int32]) throws -> Double {
                let placement = try Placement(layers: [slots], expertCount: 4, deviceCount: 3)
                return balances(placement, workloads).min() ?? 0
            }
            var best = 0.0
            for code in 0..<4096 {
                let slots = (0..<6).map { Int32(code >> (2 * $0) & 3) }
                guard Set(slots).count == 4, slots[0] < slots[1], slots[2] < slots[3], slots[4] < slots[5] else {
                    continue
                }
                best = max(best, try worst(slots))
            }
            let policy = JointPolicy(world: world, allowsDuplicates: false)
            let found = try worst(try policy.placement(for: workloads).experts)
            #expect(found <= best + 1e-9 && found >= best * 0.7)
            if found >= best - 1e-9 { optimal += 1 }
        }
        #expect(optimal >= 8, "\(optimal) of 20 optimal")
    }

    @Test("One workload is planned alone; no workload and different shapes are refused")
    func oneWorkloadIsPlannedAlone() throws {
        var random = SeededGenerator(73)
        let loads = try random.loads(layers: 2, experts: 16)
        let world = try DeviceWorld(slotCount: 24, deviceCount: 4)
        #expect(try JointPolicy(world: world).placement(for: [loads]).balancedness(loads.values) > 0.97)
        #expect(throws: ExpertLoadsError.self) { try JointPolicy(world: world).placement(for: []) }
        let other = try random.loads(layers: 1, experts: 16)
        #expect(throws: ExpertLoadsError.self) { try JointPolicy(world: world).placement(for: [loads, other]) }
    }
}
