import ExpertBalancing
import TestSupport
import Testing

/// Plans of small layers against all sets of added replicas.
@Suite struct ReplicaExhaustiveTests {
    private let slacks = [0, 100_000, 300_000]

    /// Compares plans with the optimum, also of the lesser aims: the maximum, then replicas, then those of one sender.
    /// Returns the number of cases.
    private func compare(
        _ layer: ReplicaLayer, _ planner: inout ReplicaPlanner, _ force: ReplicaBruteForce, _ loads: [Int32]
    ) throws -> Int {
        for millionths in slacks {
            let slack = try BalanceSlack(millionths: millionths)
            let plan = try planner.plan(loads, on: layer.layout, slack: slack)
            let best = force.optimum(loads.map(Int.init), limit: plan.tokenLimit)
            let found = ReplicaBruteForce.Optimum(
                maximum: max(plan.tokenLimit, plan.largestTokens), replicas: plan.fetches.count, sent: plan.largestSent)
            if found != best || plan.certificate.gap != 0 {
                Issue.record(
                    "loads \(loads), holders \(layer.holders), free \(layer.freeSlots), slack \(millionths): \(found), not \(best), bound \(plan.certificate.lowerBound)"
                )
            }
            if let problem = layer.problem(of: plan, loads, slack) { Issue.record("\(loads): \(problem)") }
        }
        return slacks.count
    }

    /// Compares the plans of all loads up to `most`.
    private func compareAll(_ holders: [[Int]], freeSlots: [Int], upTo most: Int) throws -> Int {
        let layer = try ReplicaLayer(holders: holders, freeSlots: freeSlots)
        let force = ReplicaBruteForce(holders: holders, freeSlots: freeSlots)
        var planner = ReplicaPlanner()
        var cases = 0
        var loads = [Int32](repeating: 0, count: holders.count)
        while true {
            cases += try compare(layer, &planner, force, loads)
            guard let digit = loads.firstIndex(where: { $0 < most }) else { return cases }
            loads[digit] += 1
            for lower in 0..<digit { loads[lower] = 0 }
        }
    }

    @Test("All loads of four experts on two ranks have the best plan")
    func twoRanks() throws {
        var cases = 0
        for freeSlots in [[1, 1], [2, 2], [0, 2]] {
            cases += try compareAll([[0], [0], [1], [1]], freeSlots: freeSlots, upTo: 5)
        }
        #expect(cases == 3 * 3 * 1296)
    }

    @Test(
        "All loads of four experts on three ranks have the best plan", arguments: [[1, 1, 1], [2, 2, 2], [2, 0, 1]])
    func threeRanks(freeSlots: [Int]) throws {
        #expect(try compareAll([[0], [0], [1], [2]], freeSlots: freeSlots, upTo: 5) == 3 * 1296)
    }

    @Test("All loads of four experts with static replicas have the best plan")
    func staticReplicas() throws {
        #expect(try compareAll([[0, 1], [0], [1], [2]], freeSlots: [1, 1, 2], upTo: 4) == 3 * 625)
        #expect(try compareAll([[0], [1, 2], [1, 0], [2]], freeSlots: [1, 2, 1], upTo: 4) == 3 * 625)
    }

    @Test("Random loads on three and four ranks have the best plan")
    func randomLoads() throws {
        var random = SeededGenerator(18)
        for (holders, freeSlots, count) in [
            ([[0], [0], [1], [1], [2]], [2, 2, 2], 600), ([[0], [1], [1], [2], [2]], [1, 2, 1], 600),
            ([[0], [1], [2], [3]], [1, 2, 2, 1], 300), ([[0], [0], [1], [2, 3], [3]], [1, 1, 2, 1], 300),
        ] {
            let layer = try ReplicaLayer(holders: holders, freeSlots: freeSlots)
            let force = ReplicaBruteForce(holders: holders, freeSlots: freeSlots)
            var planner = ReplicaPlanner()
            for _ in 0..<count {
                let loads = random.tokens(experts: holders.count, mean: Int.random(in: 2...40, using: &random))
                _ = try compare(layer, &planner, force, loads)
            }
        }
    }

    @Test("On more ranks than the search takes, the bound holds and plans stay close to the optimum")
    func fiveRanks() throws {
        var random = SeededGenerator(5)
        let layer = try ReplicaLayer(experts: 5, ranks: 5, freeSlots: 1)
        let force = ReplicaBruteForce(holders: layer.holders, freeSlots: layer.freeSlots)
        var planner = ReplicaPlanner()
        var reached = 0
        var equal = 0
        for trial in 0..<500 {
            let loads = random.tokens(experts: 5, mean: Int.random(in: 2...40, using: &random))
            let slack = try BalanceSlack(millionths: slacks[trial % slacks.count])
            let plan = try planner.plan(loads, on: layer.layout, slack: slack)
            let best = force.optimum(loads.map(Int.init), limit: plan.tokenLimit)
            let maximum = max(plan.tokenLimit, plan.largestTokens)
            #expect(maximum >= best.maximum)
            if let problem = layer.problem(of: plan, loads, slack) { Issue.record("\(loads): \(problem)") }
            guard maximum == best.maximum else { continue }
            reached += 1
            #expect(plan.certificate.lowerBound <= best.replicas && best.replicas <= plan.fetches.count, "\(loads)")
            #expect(plan.fetches.count <= best.replicas + 1, "\(loads)")
            if plan.fetches.count == best.replicas { equal += 1 }
        }
        #expect(reached >= 480 && equal >= 470, "\(reached) \(equal)")
    }
}
