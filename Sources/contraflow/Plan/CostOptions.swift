import ArgumentParser
import PipelineSchedules
import SchedulePlanning

/// What a rank's share of the model costs for one micro-batch, in milliseconds.
struct CostOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Costs to begin with: \(CostPreset.all.map(\.name).joined(separator: ", ")), or a file of lines such as "
                + "'forward = 1.5'.", valueName: "name|file"))
    var costs = "unit"

    @Option(help: ArgumentHelp("Forward pass of a rank's share.", valueName: "ms"))
    var forward: Double?

    @Option(help: ArgumentHelp("Input gradient of a rank's share.", valueName: "ms"))
    var inputGradient: Double?

    @Option(help: ArgumentHelp("Weight gradient of a rank's share.", valueName: "ms"))
    var weightGradient: Double?

    @Option(help: ArgumentHelp("Part of a pair's two costs that overlapping saves, 0 to 1.", valueName: "part"))
    var overlapSaving: Double?

    @Option(help: ArgumentHelp("What an overlapped pair takes, instead of --overlap-saving.", valueName: "ms"))
    var pair: Double?

    @Option(help: ArgumentHelp("From rank to rank.", valueName: "ms"))
    var transfer: Double?

    @Option(help: ArgumentHelp("Gradient reduction and optimizer step, after the last action.", valueName: "ms"))
    var finish: Double?

    /// The costs of a rank's share, each stage alike or a list over the model's length.
    func resolved() throws -> PipelineCosts {
        var table = try CostTable(named: costs)
        try table.set("forward", forward)
        try table.set("input-gradient", inputGradient)
        try table.set("weight-gradient", weightGradient)
        try table.set("overlap-saving", overlapSaving)
        try table.set("pair", pair)
        try table.set("transfer", transfer)
        try table.set("finish", finish)
        return try table.costs()
    }
}

/// Named costs as a user writes them, in milliseconds.
struct CostTable {
    private static let keys = [
        "forward", "input-gradient", "weight-gradient", "overlap-saving", "pair", "transfer", "finish",
    ]
    private var values: [String: [Double]] = [:]
    private var preset = CostPreset.unit.costs

    init(named name: String) throws {
        if let known = CostPreset.all.first(where: { $0.name == name }) {
            preset = known.costs
            return
        }
        guard name.contains(".") || name.contains("/") else {
            let names = CostPreset.all.map(\.name).joined(separator: ", ")
            throw ValidationError("there are no costs '\(name)': give one of \(names), or a file")
        }
        let text = String(decoding: try readFile(name), as: UTF8.self)
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            do {
                try read(line)
            } catch let failure as ValidationError {
                throw CommandFailure("\(name): line \(index + 1): \(failure.message)")
            }
        }
    }

    /// Reads `key = 1.5` or `key = [1.5, 2, …]`; `#` begins a comment.
    private mutating func read(_ line: Substring) throws {
        let content = line.prefix { $0 != "#" }.trimmed
        guard !content.isEmpty else { return }
        let parts = content.split(separator: "=", maxSplits: 1).map(\.trimmed)
        guard parts.count == 2 else {
            throw ValidationError("'\(content.prefix(40))' is no setting: write key = value")
        }
        guard Self.keys.contains(parts[0]) else {
            throw ValidationError("'\(parts[0].prefix(40))' is not known: use \(Self.keys.joined(separator: ", "))")
        }
        let isList = parts[1].hasPrefix("[") && parts[1].hasSuffix("]")
        let items = isList ? parts[1].dropFirst().dropLast().split(separator: ",").map(\.trimmed) : [parts[1]]
        let numbers = items.compactMap { Double($0) }
        guard numbers.count == items.count, !numbers.isEmpty else {
            throw ValidationError("\(parts[0]) is '\(parts[1].prefix(40))': give a number or a list such as [1, 1.5]")
        }
        try set(parts[0], numbers)
    }

    mutating func set(_ key: String, _ value: Double?) throws {
        if let value { try set(key, [value]) }
    }

    private mutating func set(_ key: String, _ numbers: [Double]) throws {
        for number in numbers where !(number >= 0 && number <= 1e6) {
            throw ValidationError("\(key) is \(number): give 0 to 1e6 milliseconds")
        }
        if key == "overlap-saving", let number = numbers.first, number > 1 {
            throw ValidationError("overlap-saving is \(number): give 0 to 1")
        }
        if numbers.count > 1, !key.hasSuffix("gradient"), key != "forward" {
            throw ValidationError("\(key) is a list: give one number")
        }
        values[key] = numbers
    }

    func costs() throws -> PipelineCosts {
        func nanoseconds(_ key: String) -> [Int64]? { values[key]?.map { Int64(($0 * 1e6).rounded()) } }
        let base = preset.stages[0]
        let forward = nanoseconds("forward") ?? [base.forward]
        let input = nanoseconds("input-gradient") ?? [base.inputGradient]
        let weight = nanoseconds("weight-gradient") ?? [base.weightGradient]
        let count = max(forward.count, input.count, weight.count)
        for list in [forward, input, weight] where list.count != 1 && list.count != count {
            throw ValidationError("the lists of costs have \(list.count) and \(count) stages: give lists of one length")
        }
        func item(_ list: [Int64], _ index: Int) -> Int64 { list.count == 1 ? list[0] : list[index] }
        let stages = (0..<count).map {
            StageCosts(
                forward: item(forward, $0), inputGradient: item(input, $0), weightGradient: item(weight, $0),
                forwardCommunication: min(base.forwardCommunication, item(forward, $0)),
                backwardCommunication: min(base.backwardCommunication, item(input, $0)))
        }
        var saving = values["overlap-saving"]?.first ?? preset.overlapSaving
        if let pair = nanoseconds("pair")?.first {
            let sum = stages[0].forward + stages[0].backward
            guard pair <= sum else {
                throw ValidationError("pair is longer than a forward and a backward in turn: give at most theirs")
            }
            saving = sum == 0 ? 0 : 1 - Double(pair) / Double(sum)
        }
        return PipelineCosts(
            stages: stages, overlapSaving: saving, transfer: nanoseconds("transfer")?.first ?? preset.transfer,
            finish: nanoseconds("finish")?.first ?? preset.finish)
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        var text = Substring(self)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}

extension PipelineCosts {
    /// These costs of a rank's share of the model, for the stages of a chain of `stageCount` on `ranks` ranks: one cost for
    /// all, or a list along the model that is stretched over the stages.
    func spread(over stageCount: Int, ranks: Int, chainCount: Int) -> PipelineCosts {
        var costs = divided(by: Double(stageCount) / Double(ranks))
        if costs.stages.count > 1 {
            let given = costs.stages
            let chain = (0..<stageCount).map { given[$0 * given.count / stageCount] }
            costs.stages = (0..<chainCount).flatMap { _ in chain }
        }
        return costs
    }
}
