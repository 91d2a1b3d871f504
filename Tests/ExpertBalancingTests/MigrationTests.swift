import ExpertBalancing
import TestSupport
import Testing

@Suite struct MigrationTests {
    /// The set of experts on each device after the plan's copies of one layer.
    private func replay(_ plan: MigrationPlan, on old: Placement, layer: Int) throws -> [Set<Int32>] {
        let row = Array(old.experts(ofLayer: layer))
        let before = (0..<old.deviceCount).map { Set(row[old.slots(ofDevice: $0)]) }
        var after = before
        for copy in plan.copies where copy.layer == layer {
            #expect(before[copy.source].contains(Int32(copy.expert)))
            #expect(before[copy.target].contains(Int32(copy.expert)) == (copy.source == copy.target))
            #expect(old.slots(ofDevice: copy.target).contains(copy.slot))
            after[copy.target].insert(Int32(copy.expert))
        }
        return after
    }

    private func check(_ plan: MigrationPlan, from old: Placement, to new: Placement) throws {
        for layer in 0..<old.layerCount {
            let held = try replay(plan, on: old, layer: layer)
            let row = Array(new.experts(ofLayer: layer))
            for device in 0..<new.deviceCount {
                #expect(held[device].isSuperset(of: row[new.slots(ofDevice: device)]))
            }
        }
        #expect(plan.rounds.flatMap(\.self).sorted() == Array(plan.copies.indices))
        for round in plan.rounds {
            #expect(Set(round.map { plan.copies[$0].source }).count == round.count)
            #expect(Set(round.map { plan.copies[$0].target }).count == round.count)
        }
    }

    @Test(
        "The copies turn the old placement into the new, and no device sends or receives twice per round",
        arguments: MigrationPlan.Grouping.allCases)
    func copiesTurnTheOldPlacementIntoTheNew(grouping: MigrationPlan.Grouping) throws {
        var random = SeededGenerator(11)
        for (experts, slots, devices) in [(8, 12, 4), (32, 40, 8), (32, 64, 32)] {
            let world = try DeviceWorld(slotCount: slots, deviceCount: devices)
            let policy = try OptimalPolicy(world: world)
            let old = try policy.plan(random.loads(layers: 3, experts: experts)).placement
            let fresh = try policy.plan(random.loads(layers: 3, experts: experts)).placement
            let new = fresh.relabelled(closestTo: old, in: world)
            let plan = MigrationPlan(from: old, to: new, grouping: grouping)
            #expect(!plan.copies.isEmpty)
            try check(plan, from: old, to: new)
            let without = MigrationPlan(from: old, to: fresh, grouping: grouping)
            #expect(plan.copies.count <= without.copies.count)
            if grouping == .together {
                let sends = Dictionary(grouping: plan.copies, by: \.source).values.map(\.count).max() ?? 0
                let receipts = Dictionary(grouping: plan.copies, by: \.target).values.map(\.count).max() ?? 0
                #expect(plan.rounds.count == max(sends, receipts))
            }
            let sent = plan.copies.count { $0.source != $0.target }
            #expect(plan.bytesPerLink(expertBytes: 10).reduce(0, +) == 10 * sent)
        }
    }

    @Test("Relabelling needs the fewest copies of all permutations of devices")
    func relabellingIsTheBestAssignment() throws {
        var random = SeededGenerator(12)
        for _ in 0..<20 {
            let world = try DeviceWorld(slotCount: 8, deviceCount: 4)
            let policy = try OptimalPolicy(world: world)
            let old = try policy.plan(random.loads(layers: 1, experts: 6)).placement
            let new = try policy.plan(random.loads(layers: 1, experts: 6)).placement
            func copies(_ order: [Int]) -> Int {
                (0..<4).reduce(0) { sum, device in
                    var held = Array(old.experts[old.slots(ofDevice: device)])
                    for expert in new.experts[new.slots(ofDevice: order[device])] {
                        if let slot = held.firstIndex(of: expert) { held.remove(at: slot) }
                    }
                    // Each slot that keeps no expert is copied.
                    return sum + held.count
                }
            }
            var fewest = Int.max
            for a in 0..<4 {
                for b in 0..<4 where b != a {
                    for c in 0..<4 where c != a && c != b { fewest = min(fewest, copies([a, b, c, 6 - a - b - c])) }
                }
            }
            let relabelled = new.relabelled(closestTo: old, in: world)
            #expect(MigrationPlan(from: old, to: relabelled).copies.count == fewest)
        }
    }

    @Test("A rebalancing keeps its budget, and a larger budget gives no worse balance")
    func budgetsAreKeptAndHelp() throws {
        var random = SeededGenerator(13)
        let world = try DeviceWorld(slotCount: 72, deviceCount: 8)
        let policy = try OptimalPolicy(world: world)
        let old = try policy.plan(random.loads(layers: 4, experts: 64)).placement
        let loads = try random.loads(layers: 4, experts: 64)
        var last = old.balancedness(loads.values)
        for budget in [0, 5, 15, 40, 100] {
            let new = try BudgetedRebalancing(world: world, maxCopies: budget).rebalance(old, for: loads)
            let plan = MigrationPlan(from: old, to: new)
            try check(plan, from: old, to: new)
            #expect(plan.copies.count <= budget)
            let balance = new.balancedness(loads.values)
            #expect(balance >= last - 1e-12)
            last = balance
            if budget == 0 { #expect(new == old) }
        }
        #expect(last > 0.97)
    }

    /// The counts per expert of `tokens` tokens drawn from one distribution.
    private func sample(_ weights: [Double], tokens: Int, _ random: inout SeededGenerator) throws -> ExpertLoads {
        var sums: [Double] = [0]
        for weight in weights { sums.append(sums[sums.count - 1] + weight) }
        let total = sums[sums.count - 1]
        var counts = [Double](repeating: 0, count: weights.count)
        for _ in 0..<tokens {
            let point = Double.random(in: 0..<total, using: &random)
            var low = 0
            var high = weights.count
            while high - low > 1 {
                let middle = (low + high) / 2
                if sums[middle] <= point { low = middle } else { high = middle }
            }
            counts[low] += 1
        }
        return try ExpertLoads(counts, expertCount: weights.count)
    }

    @Test("Sampling noise moves no expert, unless the noise rule is off", arguments: [2000, 50_000])
    func samplingNoiseMovesNothing(tokens: Int) throws {
        var random = SeededGenerator(14)
        let world = try DeviceWorld(slotCount: 72, deviceCount: 8)
        for _ in 0..<6 {
            let truth = try random.loads(layers: 1, experts: 64).values
            let first = try sample(truth, tokens: tokens, &random)
            let second = try sample(truth, tokens: tokens, &random)
            let old = try OptimalPolicy(world: world).plan(first).placement
            let new = try BudgetedRebalancing(world: world, maxCopies: 72).rebalance(old, for: second)
            #expect(new == old)
            let careless = try BudgetedRebalancing(world: world, maxCopies: 72, noise: nil).rebalance(old, for: second)
            #expect(careless != old)
        }
    }

    @Test("Copies are made only if they save more time than they take")
    func copiesThatDoNotPayAreNotMade() throws {
        var random = SeededGenerator(15)
        let world = try DeviceWorld(slotCount: 72, deviceCount: 8)
        let old = try OptimalPolicy(world: world).plan(random.loads(layers: 2, experts: 64)).placement
        let loads = try random.loads(layers: 2, experts: 64)
        func copies(_ steps: Double) throws -> Int {
            let rule = PaybackRule(stepSeconds: 0.1, steps: steps, copySeconds: 0.01)
            let rebalancing = BudgetedRebalancing(world: world, maxCopies: 144, payback: rule)
            return MigrationPlan(from: old, to: try rebalancing.rebalance(old, for: loads)).copies.count
        }
        let few = try copies(10)
        let many = try copies(100_000)
        #expect(try copies(0) == 0)
        #expect(few <= many && many > 0)
    }

    @Test("A current placement of another shape or with empty slots is refused")
    func otherPlacementsAreRefused() throws {
        let world = try DeviceWorld(slotCount: 4, deviceCount: 2)
        let loads = try ExpertLoads([1, 2, 3], expertCount: 3)
        let other = try Placement(layers: [[0, 1, 0, 1]], expertCount: 2, deviceCount: 2)
        #expect(throws: BalancingError.self) {
            try BudgetedRebalancing(world: world, maxCopies: 1).rebalance(other, for: loads)
        }
        let empty = try Placement(experts: [0, 1, 2, -1], expertCount: 3, deviceOffsets: [0, 2, 4])
        #expect(throws: BalancingError.self) {
            try BudgetedRebalancing(world: world, maxCopies: 1).rebalance(empty, for: loads)
        }
    }
}
