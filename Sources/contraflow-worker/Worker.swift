import ArgumentParser
import LibTorch

/// One rank of a training run; the only executable that links libtorch.
@main
struct Worker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contraflow-worker",
        abstract: "Runs one rank of a Contraflow training run.",
        version: "0.1.0 (libtorch \(LibTorchRuntime.version))")
}
