import ArgumentParser
import SchedulePlanning

/// What a rank's share of the model costs for one micro-batch.
struct CostOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Costs to begin with: \(CostPreset.all.map(\.name).joined(separator: ", ")), a TOML file of the keys that "
                + "--print-costs shows, or a run's folder for what its last step measured.",
            valueName: "name|file|folder"))
    var costs = "unit"

    @Flag(help: "Print the costs as a TOML file, with what each key means, and stop.") var printCosts = false
    @Option(help: ArgumentHelp("Forward pass of a rank's share.", valueName: "ms")) var forward: Double?
    @Option(help: ArgumentHelp("Input gradient of a rank's share.", valueName: "ms")) var inputGradient: Double?
    @Option(help: ArgumentHelp("Weight gradient of a rank's share.", valueName: "ms")) var weightGradient: Double?

    @Option(help: ArgumentHelp("Part of a pair's two costs that overlapping saves, 0 to 1.", valueName: "part"))
    var overlapSaving: Double?

    @Option(help: ArgumentHelp("What an overlapped pair takes, instead of --overlap-saving.", valueName: "ms"))
    var pair: Double?

    @Option(help: ArgumentHelp("From rank to rank.", valueName: "ms")) var transfer: Double?

    @Option(
        help: ArgumentHelp(
            "What a stage passes on for a micro-batch; transfers then take each link's latency and bandwidth.",
            valueName: "MB"))
    var message: Double?

    @Option(help: ArgumentHelp("Consecutive ranks of the pipeline that share a node.", valueName: "ranks"))
    var ranksPerNode: Double?

    @Option(help: ArgumentHelp("Gradient reduction, after the last action.", valueName: "ms"))
    var gradientReduction: Double?

    @Option(help: ArgumentHelp("Optimizer step, after the last action.", valueName: "ms")) var optimizer: Double?
    @Option(help: ArgumentHelp("Whatever else follows the last action.", valueName: "ms")) var finish: Double?

    @Option(
        help: ArgumentHelp(
            "Parameters, gradients and optimizer state of a rank's share; schedules then show their peak memory.",
            valueName: "GB"))
    var parameterMemory: Double?

    @Option(help: ArgumentHelp("What a micro-batch keeps for its backward in a rank's share.", valueName: "GB"))
    var activationMemory: Double?

    @Option(help: ArgumentHelp("The part kept for a weight gradient that is put off.", valueName: "GB"))
    var weightGradientMemory: Double?

    /// The costs of a rank's share, each stage alike or lists along the model.
    func resolved() throws -> PipelineCosts { try withTable { table throws(CostTableError) in try table.costs() } }

    /// The costs as a TOML file.
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
