import ArgumentParser
import SchedulePlanning

/// The cost of one micro-batch on one rank's share of the model.
struct CostOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "\(CostPreset.all.map(\.name).joined(separator: ", ")), a TOML file or a run's folder; unit by default.",
            valueName: "name|file|folder"))
    var costs: String?

    @Flag(help: "Print the costs as a TOML file, with the meaning of each key, and stop.") var printCosts = false
    @Option(help: ArgumentHelp("Time of a forward pass.", valueName: "ms")) var forward: Double?
    @Option(help: ArgumentHelp("Time of an input gradient.", valueName: "ms"))
    var inputGradient: Double?
    @Option(help: ArgumentHelp("Time of a weight gradient.", valueName: "ms"))
    var weightGradient: Double?

    @Option(
        help: ArgumentHelp("Share of both actions' time that a pair saves, 0 to 1.", valueName: "share"))
    var overlapSaving: Double?

    @Option(
        help: ArgumentHelp("Time of an overlapped pair, instead of --overlap-saving.", valueName: "ms"))
    var pair: Double?

    @Option(help: ArgumentHelp("Time of a transfer between two ranks.", valueName: "ms"))
    var transfer: Double?

    @Option(
        help: ArgumentHelp(
            "Size of a transfer; the latency and bandwidth of the link give its time.", valueName: "MB"))
    var message: Double?

    @Option(
        help: ArgumentHelp("Number of consecutive pipeline ranks per node.", valueName: "ranks"))
    var ranksPerNode: Double?

    @Option(
        help: ArgumentHelp("Time of the gradient reduction after the last action.", valueName: "ms"))
    var gradientReduction: Double?

    @Option(
        help: ArgumentHelp("Time of the optimizer step after the last action.", valueName: "ms"))
    var optimizer: Double?

    @Option(
        help: ArgumentHelp("Time of everything else after the last action.", valueName: "ms"))
    var finish: Double?

    @Option(
        help: ArgumentHelp("Parameters, gradients and optimizer state of a rank.", valueName: "GB"))
    var parameterMemory: Double?

    @Option(
        help: ArgumentHelp("Activations per micro-batch on a rank.", valueName: "GB"))
    var activationMemory: Double?

    @Option(
        help: ArgumentHelp("Part of the activations that a delayed weight gradient still needs.", valueName: "GB"))
    var weightGradientMemory: Double?

    /// Returns the costs: equal for all stages, or lists along the model.
    func resolved() throws -> PipelineCosts { try withTable { table throws(CostTableError) in try table.costs() } }

    /// Returns the costs as a TOML file.
    func toml() throws -> String { try withTable { table throws(CostTableError) in try table.toml() } }

    private func withTable<Result>(_ body: (CostTable) throws(CostTableError) -> Result) throws -> Result {
        do {
            return try body(table())
        } catch let error as CostTableError {
            // The costs of a file contradict each other, without any option.
            if let costs, keys.isEmpty { throw CommandError("\(costs): \(error.usageError.message)") }
            throw error.usageError
        }
    }

    /// The options of single costs that were given, `--costs` included.
    var given: [String] { (costs == nil ? [] : ["--costs"]) + keys.map { "--" + $0.option } }

    func validate() throws {
        do {
            try CostTable.checkAlternatives(among: keys.map(\.key))
        } catch {
            throw ValidationError(error.usageError.message)
        }
    }

    private func table() throws -> CostTable {
        var table = try CostTable(named: costs ?? CostPreset.unit.name)
        for (_, key, value) in keys { try table.set(key, [value]) }
        return table
    }

    /// The costs that were given as options, with the keys that they set.
    private var keys: [(option: String, key: String, value: Double)] {
        let options: [(option: String, key: String, value: Double?)] = [
            ("forward", "forward", forward), ("input-gradient", "input-gradient", inputGradient),
            ("weight-gradient", "weight-gradient", weightGradient), ("overlap-saving", "overlap-saving", overlapSaving),
            ("pair", "pair", pair), ("transfer", "transfer", transfer), ("message", "links.message", message),
            ("ranks-per-node", "links.ranks-per-node", ranksPerNode),
            ("gradient-reduction", "gradient-reduction", gradientReduction), ("optimizer", "optimizer", optimizer),
            ("finish", "finish", finish), ("parameter-memory", "memory.parameters", parameterMemory),
            ("activation-memory", "memory.activation", activationMemory),
            ("weight-gradient-memory", "memory.weight-gradient", weightGradientMemory),
        ]
        return options.compactMap { option in option.value.map { (option.option, option.key, $0) } }
    }
}
