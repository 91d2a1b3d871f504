import TrainingRuns
import ArgumentParser
import Foundation
import SchedulePlanning
import TOMLKit
import TrainingRecipes

/// Named costs as a user writes them, and what they become.
struct CostTable {
    private var values: [String: [Double]] = [:]
    private var preset = CostPreset.unit.costs

    /// The costs of a preset, of a TOML file, or those that a training run measured, by its folder.
    init(named name: String) throws {
        if let known = CostPreset.all.first(where: { $0.name == name }) {
            preset = known.costs
            return
        }
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: name, isDirectory: &isFolder)
        guard exists || name.contains(".") || name.contains("/") else {
            let names = CostPreset.all.map(\.name).joined(separator: ", ")
            throw ValidationError("there are no costs '\(name)': give one of \(names), a file or a run's folder")
        }
        if isFolder.boolValue {
            try setMeasured(RunCosts(ofRun: name))
            return
        }
        let text = String(decoding: try readFile(name), as: UTF8.self)
        do {
            try read(text)
        } catch let error as TOMLParseError {
            let place = error.source.begin
            throw CommandError("\(name): line \(place.line), column \(place.column): \(error.description)")
        } catch let failure as ValidationError {
            throw CommandError("\(name): \(failure.message)")
        }
    }

    /// A rank's share is as many of the run's stages as a rank held.
    private mutating func setMeasured(_ measured: RunCosts) throws {
        let costs = measured.costs
        func milliseconds(_ part: (StageCosts) -> Int64) -> [Double] {
            costs.stages.map { Double(part($0) * Int64(measured.stagesPerRank)) / 1e6 }
        }
        try set("forward", milliseconds(\.forward))
        try set("input-gradient", milliseconds(\.inputGradient))
        try set("weight-gradient", milliseconds(\.weightGradient))
        try set("overlap-saving", [costs.overlapSaving])
        try set("transfer", [Double(costs.transfer) / 1e6])
    }

    private mutating func read(_ text: String) throws {
        if let line = TOMLHeaders.firstWithoutName(in: text) {
            throw ValidationError("line \(line): the section after '[' has no name: write [section]")
        }
        let table = try TOMLTable(string: text)
        for key in table.keys.sorted() {
            guard let value = table[key] else { continue }
            if let section = value.table {
                guard CostKey.all.contains(where: { $0.section == key }) else { throw Self.unknown(key) }
                for inner in section.keys.sorted() {
                    if let value = section[inner] { try read("\(key).\(inner)", value) }
                }
            } else {
                try read(key, value)
            }
        }
    }

    private mutating func read(_ key: String, _ value: any TOMLValueConvertible) throws {
        func number(_ value: any TOMLValueConvertible) throws -> Double {
            guard let number = value.double ?? value.int.map(Double.init) else {
                throw ValidationError(
                    "\(key) is \(value.debugDescription.prefix(40)): give a number or a list of numbers")
            }
            return number
        }
        guard let array = value.array else { return try set(key, [number(value)]) }
        try set(key, (0..<array.count).map { try number(array[$0]) })
    }

    private static func unknown(_ key: String) -> ValidationError {
        let near = CostKey.nearest(to: key).map { "did you mean '\($0.name)'?" }
        return ValidationError("there is no cost '\(key.prefix(40))': \(near ?? "--print-costs shows all")")
    }

    /// Sets a cost to one number, or to a list along the model.
    mutating func set(_ name: String, _ numbers: [Double]) throws {
        guard let key = CostKey.named(name) else { throw Self.unknown(name) }
        guard !numbers.isEmpty, numbers.count == 1 || key.isList else {
            throw ValidationError("\(name) is a list of \(numbers.count): give one number")
        }
        for number in numbers where !(number >= 0 && number <= key.largest) {
            throw ValidationError("\(name) is \(number): give 0 to \(key.largest) \(key.unit)")
        }
        values[name] = numbers
    }

    /// The costs, in nanoseconds and bytes.
    func costs() throws -> PipelineCosts {
        let stages = try stageCosts()
        let slowdown = values["overlap-slowdown"]?.first
        if slowdown == 0 { throw ValidationError("overlap-slowdown is 0.0: give a positive factor") }
        return PipelineCosts(
            stages: stages, overlapSaving: try saving(stages[0]), overlapSlowdown: slowdown ?? preset.overlapSlowdown,
            transfer: nanoseconds("transfer")?.first ?? preset.transfer, links: try links(), finish: finish,
            memory: try memory())
    }

    private func nanoseconds(_ key: String) -> [Int64]? { values[key]?.map { Int64(($0 * 1e6).rounded()) } }

    private var finish: Int64 {
        let parts = ["gradient-reduction", "optimizer", "finish"].compactMap { nanoseconds($0)?.first }
        return parts.isEmpty ? preset.finish : parts.reduce(0, +)
    }

    /// The lists of some keys, made equally long; nil where a key has none.
    private func lists(_ keys: [String], scale: Double) throws -> [[Int64]?] {
        let lists = keys.map { values[$0]?.map { Int64(($0 * scale).rounded()) } }
        let count = lists.compactMap { $0?.count }.max() ?? 1
        for case let list? in lists where list.count != 1 && list.count != count {
            throw ValidationError("the lists of costs have \(list.count) and \(count) stages: give lists of one length")
        }
        return lists.map { list in list.map { $0.count == 1 ? Array(repeating: $0[0], count: count) : $0 } }
    }

    private func stageCosts() throws -> [StageCosts] {
        let lists = try lists(
            ["forward", "input-gradient", "weight-gradient", "forward-communication", "backward-communication"],
            scale: 1e6)
        let base = preset.stages[0]
        return try (0..<(lists.compactMap { $0?.count }.max() ?? 1)).map { index in
            let forward = lists[0]?[index] ?? base.forward
            let input = lists[1]?[index] ?? base.inputGradient
            for (list, whole, name) in [(lists[3], forward, "forward"), (lists[4], input, "backward")] {
                if let list, list[index] > whole {
                    throw ValidationError("\(name)-communication is longer than what it is a part of: give less")
                }
            }
            return StageCosts(
                forward: forward, inputGradient: input, weightGradient: lists[2]?[index] ?? base.weightGradient,
                forwardCommunication: lists[3]?[index] ?? min(base.forwardCommunication, forward),
                backwardCommunication: lists[4]?[index] ?? min(base.backwardCommunication, input))
        }
    }

    private func saving(_ stage: StageCosts) throws -> Double {
        guard let pair = nanoseconds("pair")?.first else {
            return values["overlap-saving"]?.first ?? preset.overlapSaving
        }
        let sum = stage.forward + stage.backward
        guard pair <= sum else {
            throw ValidationError("pair is longer than a forward and a backward in turn: give at most theirs")
        }
        return sum == 0 ? 0 : 1 - Double(pair) / Double(sum)
    }

    private func links() throws -> LinkCosts? {
        guard values.keys.contains(where: { $0.hasPrefix("links.") }) else { return preset.links }
        func number(_ key: String, _ usual: Double) -> Double { values["links." + key]?.first ?? usual }
        guard let message = values["links.message"]?.first else {
            throw ValidationError("links.message is missing: say how many MB a stage passes on for a micro-batch")
        }
        let (node, network) = (number("node-bandwidth", 150), number("network-bandwidth", 25))
        let ranks = number("ranks-per-node", 8)
        guard node > 0, network > 0, ranks >= 1, ranks == ranks.rounded() else {
            throw ValidationError("links need positive bandwidths and a whole number of ranks per node, at least 1")
        }
        func link(_ latency: Double, _ bandwidth: Double) -> LinkCosts.Link {
            LinkCosts.Link(latency: Int64((latency * 1e6).rounded()), bytesPerSecond: bandwidth * 1e9)
        }
        return LinkCosts(
            withinNode: link(number("node-latency", 0.005), node),
            betweenNodes: link(number("network-latency", 0.02), network), ranksPerNode: Int(ranks),
            bytes: Int64((message * 1e6).rounded()))
    }

    private func memory() throws -> [StageMemory] {
        guard values.keys.contains(where: { $0.hasPrefix("memory.") }) else { return preset.memory }
        let lists = try lists(["memory.parameters", "memory.activation", "memory.weight-gradient"], scale: 1e9)
        return (0..<(lists.compactMap { $0?.count }.max() ?? 1)).map { index in
            StageMemory(
                parameters: lists[0]?[index] ?? 0, activation: lists[1]?[index] ?? 0,
                weightGradient: lists[2]?[index] ?? 0)
        }
    }

    /// The costs as a TOML file that says what each key means; what is not given is left out.
    func toml() throws -> String {
        let costs = try costs()
        var given = values
        func fill(_ key: String, _ nanoseconds: [Int64]) {
            if given[key] == nil, nanoseconds.contains(where: { $0 > 0 }) {
                given[key] = nanoseconds.map { Double($0) / 1e6 }
            }
        }
        fill("forward", costs.stages.map(\.forward))
        fill("input-gradient", costs.stages.map(\.inputGradient))
        fill("weight-gradient", costs.stages.map(\.weightGradient))
        fill("forward-communication", costs.stages.map(\.forwardCommunication))
        fill("backward-communication", costs.stages.map(\.backwardCommunication))
        if given["pair"] == nil, given["overlap-saving"] == nil { given["overlap-saving"] = [costs.overlapSaving] }
        if given["transfer"] == nil { given["transfer"] = [Double(costs.transfer) / 1e6] }
        var text = "# Costs of a rank's share of the model for one micro-batch; lists run along the model.\n"
        var section: String?
        for key in CostKey.all {
            if key.section != section, let name = key.section {
                text += "\n\(given.keys.contains { $0.hasPrefix(name + ".") } ? "" : "# ")[\(name)]\n"
            }
            section = key.section
            let numbers = given[key.name]
            let value = numbers.map { $0.count == 1 ? "\($0[0])" : "[\($0.map { "\($0)" }.joined(separator: ", "))]" }
            let entry = value.map { "\(key.key) = \($0)" } ?? "# \(key.key) ="
            text += entry + String(repeating: " ", count: max(36 - entry.count, 1)) + "# \(key.unit): \(key.meaning)\n"
        }
        return text
    }
}

extension PipelineCosts {
    /// These costs of a rank's share of the model, for the stages of a chain of `stageCount` on `ranks` ranks: one cost for
    /// all, or lists along the model that are stretched over the stages.
    func spread(over stageCount: Int, ranks: Int, chainCount: Int) -> PipelineCosts {
        var costs = divided(by: Double(stageCount) / Double(ranks))
        func stretched<Item>(_ given: [Item]) -> [Item] {
            guard given.count > 1 else { return given }
            let chain = (0..<stageCount).map { given[$0 * given.count / stageCount] }
            return (0..<chainCount).flatMap { _ in chain }
        }
        costs.stages = stretched(costs.stages)
        costs.memory = stretched(costs.memory)
        return costs
    }
}
