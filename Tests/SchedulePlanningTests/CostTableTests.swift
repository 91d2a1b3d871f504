import SchedulePlanning
import Testing

@Suite struct CostTableTests {
    private func table(_ numbers: [String: [Double]]) throws -> CostTable {
        var table = CostTable()
        for (key, value) in numbers.sorted(by: { $0.key < $1.key }) { try table.set(key, value) }
        return table
    }

    @Test func aPresetStandsUntilOthersAreSet() throws {
        #expect(try CostTable(.deepSeekV3H800).costs() == CostPreset.deepSeekV3H800.costs)
        var table = CostTable(.deepSeekV3H800)
        try table.set("weight-gradient", [20])
        let costs = try table.costs()
        #expect(costs.stages[0].weightGradient == 20_000_000)
        #expect(costs.stages[0].forward == CostPreset.deepSeekV3H800.costs.stages[0].forward)
    }

    @Test func listsAreStretchedToTheLongest() throws {
        let costs = try table(["forward": [1, 2, 3], "input-gradient": [0.5], "optimizer": [2], "finish": [1]]).costs()
        #expect(costs.stages.map(\.forward) == [1_000_000, 2_000_000, 3_000_000])
        #expect(costs.stages.map(\.inputGradient) == [500_000, 500_000, 500_000])
        #expect(costs.finish == 3_000_000)
    }

    @Test func aPairBecomesASaving() throws {
        let costs = try table(["pair": [2.25]]).costs()
        #expect(costs.overlapSaving == 0.25)
        #expect(costs.pairLength(forwardStage: 0, backwardStage: 0) == 2_250_000)
    }

    @Test func linksAndMemoryHaveTheirUnits() throws {
        let costs = try table([
            "links.message": [25], "links.ranks-per-node": [1], "memory.parameters": [8], "memory.activation": [2],
        ]).costs()
        #expect(costs.transfer(from: 0, to: 1) == 1_020_000)
        #expect(costs.memory == [StageMemory(parameters: 8_000_000_000, activation: 2_000_000_000, weightGradient: 0)])
    }

    @Test func whatMakesNoCostsIsRefused() throws {
        #expect(throws: CostTableError.unknownKey("forwards")) { try table(["forwards": [1]]) }
        let cases: [([String: [Double]], String)] = [
            (["pair": [1, 2]], "pair is a list of 2: give one number"),
            (["forward": [-1]], "forward is -1.0: give 0 to 1000000.0 ms"),
            (["forward": []], "forward is a list of 0: give one number"),
            (["forward": [1, 2], "input-gradient": [1, 2, 3]], "the lists of costs have 2 and 3 stages"),
            (["pair": [4]], "pair is longer"), (["links.ranks-per-node": [2]], "links.message is missing"),
            (["links.message": [1], "links.node-bandwidth": [0]], "links need positive bandwidths"),
            (["forward-communication": [2]], "forward-communication is longer"),
            (["overlap-slowdown": [0]], "overlap-slowdown is 0.0"),
        ]
        for (numbers, message) in cases {
            let error = #expect(throws: CostTableError.self, "\(numbers)") { try table(numbers).costs() }
            #expect(error?.description.hasPrefix(message) == true, "\(numbers): \(error?.description ?? "")")
        }
    }

    @Test func theFileNamesEveryKey() throws {
        let text = try table(["forward": [1, 2], "links.message": [3]]).toml()
        for key in CostKey.all { #expect(text.contains("\(key.key) =")) }
        #expect(text.contains("\nforward = [1.0, 2.0]") && text.contains("\n[links]\nmessage = 3.0"))
        #expect(text.contains("\n# [memory]\n"))
    }
}
