import ArgumentParser
import SchedulePlanning

/// The cost of one micro-batch on one rank's share of the model.
struct CostOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "\(CostPreset.all.map(\.name).joined(separator: ", ")), a TOML file or a run's folder.",
            valueName: "name|file|folder"))
    var costs = "unit"

    @Flag(help: "Print the costs as a TOML file, with the meaning of each key, and stop.") var printCosts = false
    @Option(help: ArgumentHelp("Time of a forward pass.", valueName: "ms")) var forward: Double?
    @Option(help: ArgumentHelp("Time of an input gradient.", valueName: "ms")) var inputGradient: Double?
    @Option(help: ArgumentHelp("Time of a weight gradient.", valueName: "ms")) var weightGradient: Double?

    @Option(help: ArgumentHelp("Share of both actions' time that a pair saves, 0 to 1.", valueName: "share"))
    var overlapSaving: Double?

    @Option(help: ArgumentHelp("Time of an overlapped pair, instead of --overlap-saving.", valueName: "ms"))
    var pair: Double?

    @Option(help: ArgumentHelp("Time of a transfer between two ranks.", valueName: "ms")) var transfer: Double?

    @Option(
        help: ArgumentHelp(
            "Size of a transfer; the latency and bandwidth of the link give its time.", valueName: "MB"))
    var message: Double?

    @Option(help: ArgumentHelp("Number of consecutive pipeline ranks per node.", valueName: "ranks"))
    var ranksPerNode: Double?

    @Option(help: ArgumentHelp("Time of the gradient reduction after the last action.", valueName: "ms"))
    var gradientReduction: Double?

    @Option(help: ArgumentHelp("Time of the optimizer step after the last action.", valueName: "ms"))
    var optimizer: Double?

    @Option(help: ArgumentHelp("Time of everything else after the last action.", valueName: "ms"))
    var finish: Double?

    @Option(help: ArgumentHelp("Parameters, gradients and optimizer state of a rank.", valueName: "GB"))
    var parameterMemory: Double?

    @Option(help: ArgumentHelp("Activations per micro-batch on a rank.", valueName: "GB"))
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
            throw error.usageError
        }
    }

    private func table() throws -> CostTable {
        var table = try CostTable(named: costs)
        let options: [(String, Double?)] = [
            ("forward", forward), ("input-gradient", inputGradient), ("weight-gradient", weightGradient),
            ("overlap-saving", overlapSaving), ("pair", pair), ("transfer", transfer),
            ("gradient-reduction", gradientReduction), ("optimizer", optimizer), ("finish", finish),
            ("links.message", message), ("links.ranks-per-node", ranksPerNode),
            ("memory.parameters", parameterMemory), ("memory.activation", activationMemory),
            ("memory.weight-gradient", weightGradientMemory),
        ]
        for (key, value) in options {
            if let value { try table.set(key, [value]) }
        }
        return table
    }
}
