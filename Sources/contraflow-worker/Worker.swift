import ArgumentParser
import LibTorch

/// What needs libtorch: a rank of a training run, and sampling from a trained model.
@main
struct Worker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contraflow-worker",
        abstract: "Runs what needs libtorch for the contraflow command.",
        version: "0.1.0 (libtorch \(LibTorchRuntime.version))",
        subcommands: [TrainRank.self, Generate.self],
        defaultSubcommand: TrainRank.self)
}
