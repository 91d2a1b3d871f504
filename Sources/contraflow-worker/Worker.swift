import ArgumentParser
import CommandUsage
import Foundation
import LibTorch
import TrainingRecipes
import TrainingRuns

/// The parts of the `contraflow` command that need libtorch: a rank of a training run, sampling from a trained model,
/// and the list of CUDA devices.
@main
struct Worker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contraflow-worker",
        abstract: "Run the parts of the contraflow command that need libtorch.",
        version: "\(contraflowVersion) (libtorch \(LibTorchRuntime.version) from \(LibTorchRuntime.libraryPath))",
        subcommands: [TrainRank.self, Generate.self, ListDevices.self],
        defaultSubcommand: TrainRank.self)

    /// Runs the worker. Fails if the loaded libtorch is not the version that the worker was built against.
    static func main() {
        if let mismatch = LibTorchRuntime.mismatch {
            end(with: "\(mismatch.oneLine): run 'make build', which installs the right version", ExitCode.failure)
        }
        do {
            var command = try parseAsRoot(CommandLineWords.prepared(Array(CommandLine.arguments.dropFirst())))
            try command.run()
        } catch let error as CocoaError {
            end(with: "cannot use \(error.filePath ?? "a file"): \(error.reason)", ExitCode.failure)
        } catch let error as SavedStateError where error.isOfOtherRank {
            end(with: error.description, ExitCode(RankExit.lostPeer))
        } catch let error as LibTorchError where error.isLostPeer {
            end(with: error.message.oneLine, ExitCode(RankExit.lostPeer))
        } catch {
            end(with: error)
        }
    }

    /// Ends this rank because another is lost, without waiting for its threads, which may wait for the lost rank.
    @Sendable static func end(afterLoss message: String) {
        try? FileHandle.standardError.write(contentsOf: Data("Error: \(message.oneLine)\n".utf8))
        _exit(RankExit.lostPeer)
    }
}
