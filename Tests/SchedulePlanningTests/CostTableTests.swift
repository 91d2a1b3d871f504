import SchedulePlanning
import Testing

@Suite("Cost tables") struct CostTableTests {
    private func table(_ numbers: [String: [Double]], _ preset: CostPreset = .unit) throws -> CostTable {
        var table = CostTable(preset)
        for (key, value) in numbers.sorted(by: { $0.key < $1.key }) { try table.set(key, value) }
        return table
    }

    /// A key that is set to a number, and the cost that follows from it.
    private struct Effect: Sendable {
        let key: String
        let number: Double
        let expected: Double
        let cost: @Sendable (PipelineCosts) -> Double?

        init(
            _ key: String, _ number: Double, gives expected: Double,
            _ cost: @escaping @Sendable (PipelineCosts) -> Double?
        ) {
            (self.key, self.number, self.expected, self.cost) = (key, number, expected, cost)
        }
    }

    private static let effects = [
        Effect("forward", 2, gives: 2e6) { Double($0.stages[0].forward) },
        Effect("input-gradient", 3, gives: 3e6) { Double($0.stages[0].inputGradient) },
        Effect("weight-gradient", 0.5, gives: 5e5) { Double($0.stages[0].weightGradient) },
        Effect("forward-communication", 0.25, gives: 250_000) { Double($0.stages[0].forwardCommunication) },
        Effect("backward-communication", 0.75, gives: 750_000) { Double($0.stages[0].backwardCommunication) },
        Effect("overlap-saving", 0.3, gives: 0.3) { $0.overlapSaving },
        Effect("pair", 1.5, gives: 1.5e6) { Double($0.pairLength(forwardStage: 0, backwardStage: 0)) },
        Effect("overlap-slowdown", 1.1, gives: 1.1) { $0.overlapSlowdown },
        Effect("transfer", 0.125, gives: 125_000) { Double($0.transfer) },
        Effect("gradient-reduction", 2, gives: 2e6) { Double($0.finish) },
        Effect("optimizer", 3, gives: 3e6) { Double($0.finish) },
        Effect("finish", 4, gives: 4e6) { Double($0.finish) },
        Effect("links.message", 7, gives: 7e6) { $0.links.map { Double($0.bytes) } },
        Effect("links.ranks-per-node", 2, gives: 2) { $0.links.map { Double($0.ranksPerNode) } },
        Effect("links.node-latency", 0.5, gives: 5e5) { $0.links.map { Double($0.withinNode.latency) } },
        Effect("links.node-bandwidth", 100, gives: 1e11) { $0.links?.withinNode.bytesPerSecond },
        Effect("links.network-latency", 0.25, gives: 250_000) { $0.links.map { Double($0.betweenNodes.latency) } },
        Effect("links.network-bandwidth", 50, gives: 5e10) { $0.links?.betweenNodes.bytesPerSecond },
        Effect("memory.parameters", 8, gives: 8e9) { $0.memory.first.map { Double($0.parameters) } },
        Effect("memory.activation", 2, gives: 2e9) { $0.memory.first.map { Double($0.activation) } },
        Effect("memory.weight-gradient", 0.5, gives: 5e8) { $0.memory.first.map { Double($0.weightGradient) } },
    ]

    @Test("Every key sets the cost that it names, in its unit")
    func everyKeyHasItsEffect() throws {
        #expect(Self.effects.map(\.key) == CostKey.all.map(\.name))
        for effect in Self.effects {
            let beside: [String: [Double]] = effect.key.hasPrefix("links.") ? ["links.message": [1]] : [:]
            #expect(try effect.cost(table(beside).costs()) != effect.expected, "\(effect.key)")
            let costs = try table(beside.merging([effect.key: [effect.number]]) { $1 }).costs()
            #expect(effect.cost(costs) == effect.expected, "\(effect.key)")
        }
    }

    @Test("A key that is not set keeps the cost of the preset", arguments: CostPreset.all)
    func presetsHoldUntilOthersAreSet(preset: CostPreset) throws {
        #expect(try CostTable(preset).costs() == preset.costs)
        var expected = preset.costs
        expected.stages[0].weightGradient = 20_000_000
        #expect(try table(["weight-gradient": [20]], preset).costs() == expected)
    }

    @Test("Names of presets and keys are unique, and every key is found by its name")
    func namesAreUnique() {
        #expect(Set(CostPreset.all.map(\.name)).count == CostPreset.all.count)
        #expect(Set(CostKey.all.map(\.name)).count == CostKey.all.count)
        for key in CostKey.all {
            #expect(CostKey.named(key.name) == key)
            #expect(key.name == (key.section.map { $0 + "." } ?? "") + key.key)
        }
    }

    @Test("A key accepts the numbers within its limits, and refuses any other number", arguments: CostKey.all)
    func numbersAreLimited(key: CostKey) throws {
        var table = CostTable()
        let zero = key.acceptsZero ? [0, -0.0] : []
        let least = key.smallest == 0 ? [] : [key.smallest]
        for number in zero + least + [key.isWhole ? 3 : key.largest / 3, key.largest] {
            try table.set(key.name, [number])
        }
        let below = key.smallest == 0 ? [] : [key.smallest.nextDown, .leastNonzeroMagnitude, 1e-320]
        for number in below + (key.acceptsZero ? [] : [0]) + (key.isWhole ? [1.5] : [])
            + [-1, -Double.leastNonzeroMagnitude, key.largest.nextUp, .infinity, -.infinity, .nan]
        {
            let error = try #require(throws: CostTableError.self, "\(number)") { try table.set(key.name, [number]) }
            #expect(error.description.hasPrefix("\(key.name) is \(number): give "))
            #expect(error.description.contains(" to \(key.largest)"))
            guard key.isList else { continue }
            #expect(throws: error, "one number of a list") { try table.set(key.name, [0, number]) }
        }
    }

    @Test("A limit is named with its unit")
    func limitsHaveUnits() throws {
        for (key, message) in [
            ("transfer", "transfer is -1.0: give 0 to 1000000.0 ms"),
            ("overlap-saving", "overlap-saving is -1.0: give 0 to 1.0"),
            ("overlap-slowdown", "overlap-slowdown is -1.0: give 1e-06 to 1000.0"),
            ("links.node-bandwidth", "links.node-bandwidth is -1.0: give 0.001 to 1000000.0 GB/s"),
            ("links.ranks-per-node", "links.ranks-per-node is -1.0: give a whole number from 1.0 to 1000000.0 ranks"),
            ("memory.parameters", "memory.parameters is -1.0: give 0 to 1000000.0 GB"),
        ] {
            #expect(throws: CostTableError.impossible(message)) { try table([key: [-1]]) }
        }
        let tiny = CostTableError.impossible("forward is 1e-07: give 0, or 0.001 to 1000000.0 ms")
        #expect(throws: tiny) { try table(["forward": [1e-7]]) }
    }

    @Test("Lists are accepted by the keys of costs along the model only, and no list may be empty")
    func listsAreLimited() throws {
        let lists = CostKey.all.filter(\.isList).map(\.name)
        #expect(lists.filter { !$0.hasPrefix("memory.") }.count == 5 && lists.count == 8)
        for key in CostKey.all {
            if key.isList {
                _ = try table([key.name: [1, 1, 1]])
            } else {
                #expect(throws: CostTableError.impossible("\(key.name) is a list of 3: give one number")) {
                    try table([key.name: [1, 1, 1]])
                }
            }
            #expect(throws: CostTableError.impossible("\(key.name) is an empty list: give at least one number")) {
                try table([key.name: []])
            }
        }
    }

    @Test(
        "An unknown key is refused by its name",
        arguments: ["forwards", "Forward", "", " forward", "links", "links.", "memory.forward", "message", "finish."])
    func unknownKeysAreRefused(name: String) throws {
        let error = try #require(throws: CostTableError.self) { try table([name: [1]]) }
        #expect(error == .unknownKey(name))
        #expect(error.description == "there is no cost '\(name)'")
    }

    @Test("The message on an unknown key shows at most 40 characters of its name")
    func longNamesAreCut() throws {
        let name = String(repeating: "x", count: 1000)
        let error = try #require(throws: CostTableError.self) { try table([name: [1]]) }
        #expect(error == .unknownKey(name) && error.description == "there is no cost '\(name.prefix(40))'")
    }

    @Test("A refused number leaves the earlier one in place")
    func refusedNumbersChangeNothing() throws {
        var table = try table(["forward": [2], "transfer": [3]])
        let before = try table.costs()
        for (key, numbers) in [("forward", [1.0, -1]), ("transfer", [1, 2]), ("forward", []), ("none", [1])] {
            #expect(throws: CostTableError.self) { try table.set(key, numbers) }
        }
        #expect(try table.costs() == before)
        try table.set("forward", [4])
        #expect(try table.costs().stages[0].forward == 4_000_000, "the last number counts")
    }

    @Test("Lists and single numbers are extended to the longest list")
    func listsAreStretchedToTheLongest() throws {
        let costs = try table(["forward": [1, 2, 3], "input-gradient": [0.5], "optimizer": [2], "finish": [1]]).costs()
        #expect(costs.stages.map(\.forward) == [1_000_000, 2_000_000, 3_000_000])
        #expect(costs.stages.map(\.inputGradient) == [500_000, 500_000, 500_000])
        #expect(costs.finish == 3_000_000, "the work after the last action adds up")
        let memory = try table(["memory.parameters": [1, 2], "memory.activation": [3]]).costs().memory
        #expect(memory.map(\.parameters) == [1_000_000_000, 2_000_000_000])
        #expect(memory.map(\.activation) == [3_000_000_000, 3_000_000_000])
        #expect(memory.map(\.weightGradient) == [0, 0])
    }

    @Test("The length of a pair becomes a saving, which it replaces")
    func pairsReplaceSavings() throws {
        let costs = try table(["pair": [2.25], "overlap-saving": [0.9]]).costs()
        #expect(costs.overlapSaving == 0.25)
        #expect(costs.pairLength(forwardStage: 0, backwardStage: 0) == 2_250_000)
        #expect(try table(["pair": [3]]).costs().overlapSaving == 0, "as long as both actions")
    }

    @Test("The cost that is set last replaces those that say the same in another way")
    func theLastAlternativeCounts() throws {
        var costs = CostTable()
        try costs.set("links.message", [25])
        try costs.set("transfer", [9])
        #expect(try costs.costs().links == nil && costs.costs().transfer == 9_000_000)
        try costs.set("links.message", [25])
        #expect(try costs.costs().links != nil)
        try costs.set("overlap-slowdown", [1.1])
        try costs.set("overlap-saving", [0.25])
        #expect(try costs.costs().overlapSlowdown == nil && costs.costs().overlapSaving == 0.25)
    }

    @Test("Two costs of one source that exclude each other are refused by their names")
    func alternativesExcludeEachOther() throws {
        for (names, message) in [
            (["overlap-saving", "forward", "pair"], "pair and overlap-saving exclude each other: give one of them"),
            (
                ["overlap-slowdown", "overlap-saving"],
                "overlap-saving and overlap-slowdown exclude each other: give one of them"
            ),
            (["transfer", "links.message"], "links.message and transfer exclude each other: give one of them"),
        ] {
            #expect(throws: CostTableError.impossible(message)) { try CostTable.checkAlternatives(among: names) }
        }
        try CostTable.checkAlternatives(among: ["pair", "transfer", "links.node-latency"])
    }

    @Test("A part of the model must take some time")
    func zeroCostsAreRefused() throws {
        let zero: [String: [Double]] = ["forward": [0], "input-gradient": [0], "weight-gradient": [0]]
        let message = "forward, input-gradient and weight-gradient are all 0"
        #expect(throws: CostTableError.impossible("\(message): give one of them a positive time")) {
            try table(zero).costs()
        }
        #expect(throws: CostTableError.impossible("\(message) at index 1: give one of them a positive time")) {
            try table(zero.merging(["forward": [1, 0, 1]]) { $1 }).costs()
        }
        for key in zero.keys { #expect(try table(zero.merging([key: [1]]) { $1 }).costs().stages.count == 1) }
    }

    @Test("Communication of a preset is at most as long as a shorter pass that replaces its own")
    func presetCommunicationFits() throws {
        let costs = try table(["forward": [1], "input-gradient": [1000]], .deepSeekV3H800).costs()
        #expect(costs.stages[0].forwardCommunication == 1_000_000)
        #expect(costs.stages[0].backwardCommunication == 53_000_000)
    }

    @Test("Links give transfers their latency and bandwidth")
    func linksGiveTransfers() throws {
        let costs = try table(["links.message": [25], "links.ranks-per-node": [2]]).costs()
        // 25 MB over 150 GB/s and 25 GB/s, behind latencies of 5 and 20 µs.
        #expect(costs.transfer(from: 0, to: 1) == 171_667)
        #expect(costs.transfer(from: 1, to: 2) == 1_020_000)
    }

    @Test(
        "Costs that contradict each other are refused with the reason and the remedy",
        arguments: [
            (["pair": [4]], "pair is longer than a forward followed by a backward: give at most 3.0 ms"),
            (
                ["forward": [1, 2], "weight-gradient": [5], "input-gradient": [1, 2, 3]],
                "forward has 2 numbers and input-gradient has 3: give lists of equal length"
            ),
            (
                ["memory.weight-gradient": [1, 2], "memory.parameters": [1, 2, 3]],
                "memory.weight-gradient has 2 numbers and memory.parameters has 3: give lists of equal length"
            ),
            (
                ["forward-communication": [0.5, 2], "forward": [1.5]],
                "forward-communication is longer than forward, which contains it: give at most 1.5 ms"
            ),
            (
                ["backward-communication": [2]],
                "backward-communication is longer than input-gradient, which contains it: give at most 1.0 ms"
            ),
            (["links.ranks-per-node": [2]], "links.message is missing: give the MB that a stage sends per micro-batch"),
            (
                ["links.message": [3e5], "links.network-bandwidth": [0.25]],
                "a transfer of links.message, 300000.0 MB at 0.25 GB/s, takes 1200000.0 ms, more than 1000000.0 ms: "
                    + "give a smaller message or more bandwidth"
            ),
        ] as [([String: [Double]], String)])
    func contradictionsAreRefused(numbers: [String: [Double]], message: String) throws {
        let table = try table(numbers)
        #expect(throws: CostTableError.impossible(message)) { try table.costs() }
        #expect(throws: CostTableError.impossible(message)) { try table.toml() }
    }

    @Test("The largest and the smallest numbers overflow nothing")
    func extremesDoNotOverflow() throws {
        let largest = Dictionary(uniqueKeysWithValues: CostKey.all.map { ($0.name, [$0.largest]) })
        // Of the alternatives, the last by name are set: the pair and the transfer.
        let costs = try table(largest).costs()
        #expect(costs.stages[0].backward == 2_000_000_000_000 && costs.finish == 3_000_000_000_000)
        #expect(costs.pairLength(forwardStage: 0, backwardStage: 0) == 1_000_000_000_000)
        #expect(costs.memory[0].parameters == 1_000_000_000_000_000)
        let slowed = try table(largest.filter { $0.key != "pair" && $0.key != "transfer" }).costs()
        #expect(slowed.pairLength(forwardStage: 0, backwardStage: 0) == 3_000_000_000_000)
        let slow = try table(["links.message": [1e3], "links.network-bandwidth": [1e-3]]).costs()
        #expect(slow.transfer(from: 0, to: 8) == 1_000_000_020_000)
        let empty = try table(["links.message": [0], "links.network-bandwidth": [1e-3]]).costs()
        #expect(empty.transfer(from: 0, to: 8) == 20_000)
    }

    @Test("The file has every key with its meaning; keys and sections without a value are commented out")
    func fileHasEveryKey() throws {
        let text = try table(["forward": [1, 2], "links.message": [3]]).toml()
        for key in CostKey.all {
            #expect(text.contains("\(key.key) ="))
            #expect(text.contains("# \(key.unit): \(key.meaning)\n"))
        }
        #expect(text.contains("\nforward = [1.0, 2.0] ") && text.contains("\n[links]\nmessage = 3.0 "))
        #expect(text.contains("\n# finish = ") && text.contains("\n# node-latency = "))
        #expect(text.contains("\n# [memory]\n"))
    }

    @Test("Random tables are read back from their file with equal costs", arguments: CostPreset.all)
    func randomTablesAreReadBack(preset: CostPreset) throws {
        var random = SplitMix64(state: 17)
        var keysRead: Set<String> = []
        for trial in 0..<300 {
            let stageCount = 1 + random.next(below: 4)
            var numbers: [String: [Double]] = [:]
            for key in CostKey.all where random.next(below: 2) == 0 {
                let count = key.isList && random.next(below: 2) == 0 ? stageCount : 1
                numbers[key.name] = (0..<count).map { _ in randomNumber(of: key, &random) }
            }
            // Keys are dropped until the others no longer contradict each other.
            var table = try table(numbers, preset)
            while (try? table.costs()) == nil, let key = numbers.keys.sorted().randomElement(using: &random) {
                numbers[key] = nil
                table = try self.table(numbers, preset)
            }
            #expect(try read(table.toml()).costs() == table.costs(), "trial \(trial): \(numbers)")
            keysRead.formUnion(numbers.keys)
        }
        #expect(keysRead == Set(CostKey.all.map(\.name)))
    }

    /// Whole numbers and fractions of any size that the key accepts, few of them large.
    private func randomNumber(of key: CostKey, _ random: inout SplitMix64) -> Double {
        while true {
            let number =
                switch random.next(below: 5) {
                case 0: 0.0
                case 1: min(Double(1 + random.next(below: 8)), key.largest)
                case 2: random.nextUnit() * key.largest
                default: min(random.nextUnit() * 10, key.largest)
                }
            let value = key.isWhole ? number.rounded() : number
            if value == 0 ? key.acceptsZero : value >= key.smallest { return value }
        }
    }

    /// Reads the text that a table prints, as a TOML parser does. An unknown key is an error.
    private func read(_ text: String) throws -> CostTable {
        var table = CostTable()
        var section = ""
        for line in text.split(separator: "\n") {
            let content = line.prefix { $0 != "#" }.filter { $0 != " " }
            if content.isEmpty { continue }
            if content.first == "[" {
                section = content.dropFirst().dropLast() + "."
                continue
            }
            let parts = content.split(separator: "=")
            let list = try parts[1].filter { !"[]".contains($0) }.split(separator: ",").map { try #require(Double($0)) }
            #expect((list.count == 1) == (parts[1].first != "["), "\(line)")
            try table.set(section + parts[0], list)
        }
        return table
    }
}
