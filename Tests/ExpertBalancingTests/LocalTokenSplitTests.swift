import ExpertBalancing
import TestSupport
import Testing

@Suite struct LocalTokenSplitTests {
    @Test("As many tokens stay on their node as the longest time allows")
    func tokensStayIfTimeAllows() throws {
        // There are two nodes of one device. Expert 0 is on both nodes, expert 1 on the first, expert 2 on the second.
        let placement = try Placement(layers: [[0, 1, 0, 2]], expertCount: 3, deviceCount: 2)
        let loads: [Double] = [10, 4, 0, 2, 0, 6]
        // The 22 tokens make at best 11 per device, so 3 of node 0's 10 + 4 tokens leave it.
        let split = try LocalTokenSplit(placement, layer: 0, loads: loads, nodeCount: 2)
        #expect(split.longestTime == 11)
        #expect(split.tokens == [7, 4, 3, 0, 0, 0, 2, 6])
        #expect(abs(split.localShare - 19.0 / 22) < 1e-12)
        let loose = try LocalTokenSplit(placement, layer: 0, loads: loads, nodeCount: 2, slack: 0.3)
        #expect(loose.localShare == 1 && loose.longestTime == 14)
    }

    @Test("Splits serve all tokens within the slack, and more slack keeps more tokens on their node")
    func splitsAddUpAndSlackHelps() throws {
        var random = SeededGenerator(91)
        for trial in 0..<60 {
            let nodes = 1 + trial % 3
            let devices = nodes * Int.random(in: 1...3, using: &random)
            let perDevice = Int.random(in: 2...4, using: &random)
            let experts = Int.random(in: 2...devices * perDevice, using: &random)
            let slots = (0..<devices * perDevice).map { slot in
                Int32(slot < experts ? slot : Int.random(in: 0..<experts, using: &random))
            }.shuffled(using: &random)
            let placement = try Placement(layers: [slots], expertCount: experts, deviceCount: devices)
            let loads = try random.loads(layers: nodes, experts: experts).values
            let sums = (0..<experts).map { expert in
                (0..<nodes).reduce(0) { $0 + loads[$1 * experts + expert] }
            }
            let speeds = (0..<devices).map { _ in trial % 2 == 0 ? 1 : Double.random(in: 0.5..<2, using: &random) }
            let best = try TokenSplit(placement, layer: 0, loads: sums, speeds: speeds).longestTime
            var share = -1.0
            for slack in [0, 0.05, 0.5, 10] {
                let split = try LocalTokenSplit(
                    placement, layer: 0, loads: loads, nodeCount: nodes, speeds: speeds, slack: slack)
                #expect(split.longestTime <= best * (1 + slack) * (1 + 1e-9), "trial \(trial)")
                #expect(split.localShare >= share - 1e-9)
                share = split.localShare
                #expect(split.tokens.allSatisfy { $0 >= -1e-6 })
                var served = [Double](repeating: 0, count: nodes * experts)
                for node in 0..<nodes {
                    for (slot, expert) in slots.enumerated() {
                        served[node * experts + Int(expert)] += split.tokens[node * slots.count + slot]
                    }
                }
                for index in loads.indices { #expect(abs(served[index] - loads[index]) <= 1e-6 * (1 + loads[index])) }
            }
            // With much slack, only experts without a replica on the node send tokens to other nodes.
            var local = 0.0
            for node in 0..<nodes {
                for expert in 0..<experts {
                    let isNear = slots.enumerated().contains {
                        Int($0.element) == expert && $0.offset / perDevice / (devices / nodes) == node
                    }
                    if isNear { local += loads[node * experts + expert] }
                }
            }
            #expect(abs(share - local / sums.reduce(0, +)) < 1e-9)
        }
    }

    @Test("Loads, nodes and slack that do not match the placement are refused")
    func wrongParametersAreRefused() throws {
        let placement = try Placement(layers: [[0, 1]], expertCount: 2, deviceCount: 2)
        #expect(throws: BalancingError.self) {
            try LocalTokenSplit(placement, layer: 0, loads: [1, 2], nodeCount: 2)
        }
        #expect(throws: BalancingError.self) {
            try LocalTokenSplit(placement, layer: 0, loads: [1, 2, 3, 4, 5, 6], nodeCount: 3)
        }
        #expect(throws: BalancingError.self) {
            try LocalTokenSplit(placement, layer: 0, loads: [1, 2, 3, 4], nodeCount: 2, slack: -1)
        }
        #expect(throws: ExpertLoadsError.self) {
            try LocalTokenSplit(placement, layer: 0, loads: [1, 2, -3, 4], nodeCount: 2)
        }
    }
}
