import ExpertBalancing
import TestSupport
import Testing

@Suite struct ReplicaPlannerTests {
    @Test("A plan adds a replica of the expert with too many tokens")
    func smallPlan() throws {
        let layout = try ReplicaLayout(Placement(layers: [[0, -1, 1, -1]], expertCount: 2, deviceCount: 2))
        var planner = ReplicaPlanner()
        let plan = try planner.plan([10, 4], on: layout)
        #expect(plan.fetches.map { [$0.expert, $0.fromRank, $0.toRank, $0.slot] } == [[0, 0, 1, 3]])
        #expect(plan.shares.map { [$0.expert, $0.slot, $0.tokens] } == [[0, 0, 7], [0, 3, 3], [1, 2, 4]])
        #expect(plan.tokenLimit == 7 && plan.isWithinLimit && plan.largestSent == 1)
        #expect(plan.certificate.replicas == 1 && plan.certificate.lowerBound == 1 && plan.certificate.gap == 0)
        let loose = try planner.plan([10, 4], on: layout, slack: BalanceSlack(0.5))
        #expect(loose.fetches.isEmpty)
    }

    @Test("The tokens are spread as evenly as the added replicas allow, also below the limit")
    func tokensAreLevel() throws {
        let layout = try ReplicaLayout(Placement(layers: [[0, -1, 1, -1]], expertCount: 2, deviceCount: 2))
        var planner = ReplicaPlanner()
        let plan = try planner.plan([100, 20], on: layout, slack: BalanceSlack(0.25))
        #expect(plan.tokenLimit == 75 && plan.fetches.count == 1 && plan.rankTokens == [60, 60])
    }

    @Test("Without free slots, a plan has the least maximum and says that it exceeds the limit")
    func slotsDoNotSuffice() throws {
        var planner = ReplicaPlanner()
        let none = try ReplicaLayout(Placement(layers: [[0, 1]], expertCount: 2, deviceCount: 2))
        let plan = try planner.plan([10, 4], on: none)
        #expect(plan.rankTokens == [10, 4] && !plan.isWithinLimit && plan.tokenLimit == 7)
        // Rank 0 has 90 of 108 tokens in three experts of 30, and one slot per rank takes one of them.
        let one = try ReplicaLayer(holders: [[0], [0], [0], [1], [2]], freeSlots: [0, 1, 1])
        let best = try planner.plan([30, 30, 30, 9, 9], on: one.layout)
        #expect(best.rankTokens.max() == 36 && best.isWithinLimit)
        let single = try ReplicaLayer(holders: [[0], [0], [0], [1], [2]], freeSlots: [0, 1, 0])
        let worse = try planner.plan([30, 30, 30, 9, 9], on: single.layout)
        #expect(worse.rankTokens.max() == 60 && !worse.isWithinLimit && worse.certificate.replicas == 1)
    }

    @Test("Plans of random layers keep all properties, and a planner that was used before makes the same plans")
    func plansAreValid() throws {
        var random = SeededGenerator(3)
        var used = ReplicaPlanner()
        for trial in 0..<300 {
            let ranks = Int.random(in: 1...24, using: &random)
            let experts = Int.random(in: 1...96, using: &random)
            let holders = (0..<experts).map { expert in
                let owner = trial % 2 == 0 ? expert * ranks / experts : Int.random(in: 0..<ranks, using: &random)
                let other = Int.random(in: 0..<ranks, using: &random)
                return trial % 3 == 0 && other != owner ? [owner, other] : [owner]
            }
            let layer = try ReplicaLayer(
                holders: holders, freeSlots: (0..<ranks).map { _ in Int.random(in: 0...4, using: &random) })
            let loads = random.tokens(experts: experts, mean: Int.random(in: 1...2000, using: &random))
            let slack = try BalanceSlack(millionths: [0, 10_000, 50_000, 200_000][trial % 4])
            let plan = try used.plan(loads, on: layer.layout, slack: slack)
            if let problem = layer.problem(of: plan, loads, slack) { Issue.record("trial \(trial): \(problem)") }
            var new = ReplicaPlanner()
            let same = try new.plan(loads, on: layer.layout, slack: slack)
            #expect(same == plan && same.digest == plan.digest, "trial \(trial)")
        }
    }

    @Test("Layers with many free slots stay within the limit", arguments: [(256, 8, 10), (256, 64, 6), (64, 16, 4)])
    func limitsAreKept(experts: Int, ranks: Int, freeSlots: Int) throws {
        var random = SeededGenerator(UInt64(ranks))
        let layer = try ReplicaLayer(experts: experts, ranks: ranks, freeSlots: freeSlots)
        var planner = ReplicaPlanner()
        for trial in 0..<40 {
            let loads = random.tokens(experts: experts, mean: 500)
            let slack = try BalanceSlack(millionths: [0, 50_000, 200_000][trial % 3])
            let plan = try planner.plan(loads, on: layer.layout, slack: slack)
            if let problem = layer.problem(of: plan, loads, slack) { Issue.record("trial \(trial): \(problem)") }
            #expect(plan.isWithinLimit, "trial \(trial)")
        }
    }

    @Test("Digests differ if a number of a plan differs")
    func digestsDiffer() throws {
        let layer = try ReplicaLayer(experts: 16, ranks: 4, freeSlots: 3)
        var planner = ReplicaPlanner()
        var random = SeededGenerator(7)
        var digests: Set<UInt64> = []
        for _ in 0..<200 {
            digests.insert(try planner.plan(random.tokens(experts: 16, mean: 1000), on: layer.layout).digest)
        }
        #expect(digests.count == 200)
    }

    @Test("Loads that do not match the layer are refused, and the largest sums are not")
    func wrongLoadsAreRefused() throws {
        let layer = try ReplicaLayer(experts: 4, ranks: 2, freeSlots: 2)
        var planner = ReplicaPlanner()
        for loads: [Int32] in [[1, 2, 3], [1, 2, 3, -1], [.max, 1, 0, 0]] {
            #expect(throws: BalancingError.self) { try planner.plan(loads, on: layer.layout) }
        }
        for slack in [0, 1_000_000_000] {
            let slack = try BalanceSlack(millionths: slack)
            let plan = try planner.plan([.max, 0, 0, 0], on: layer.layout, slack: slack)
            #expect(layer.problem(of: plan, [.max, 0, 0, 0], slack) == nil)
        }
        let empty = try planner.plan([0, 0, 0, 0], on: layer.layout)
        #expect(empty.fetches.isEmpty && empty.shares.isEmpty && empty.isWithinLimit)
    }

    @Test(
        "A slack saves replicas on recorded loads",
        .enabled(if: RecordedLoads.folder != nil, "the recorded loads are absent")
    )
    func slackSavesReplicas() throws {
        let loads = try #require(try RecordedLoads.loads("decode_in1000out1000.json"))
        let layer = try ReplicaLayer(experts: loads.expertCount, ranks: 8, freeSlots: 10)
        var planner = ReplicaPlanner()
        var counts = [0, 0, 0]
        for index in 0..<loads.layerCount {
            let tokens = loads[layer: index].map { Int32($0 / 1000) }
            for (position, millionths) in [0, 50_000, 200_000].enumerated() {
                let plan = try planner.plan(tokens, on: layer.layout, slack: BalanceSlack(millionths: millionths))
                #expect(plan.isWithinLimit)
                counts[position] += plan.fetches.count
            }
        }
        #expect(Double(counts[1]) <= 0.9 * Double(counts[0]), "\(counts)")
        #expect(Double(counts[2]) <= 0.6 * Double(counts[0]), "\(counts)")
    }
}
