import ArgumentParser

/// The command.
@main
struct Contraflow: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "contraflow",
        abstract: "Trains, balances, plans and explains Mixture-of-Experts models on many devices.",
        version: version,
        subcommands: [
            TrainCommand.self, GenerateCommand.self, PlanCommand.self, BalanceCommand.self, AnalyzeCommand.self,
            DoctorCommand.self,
        ])
}
