import ArgumentParser
import Foundation
import LibTorch
import TrainingRecipes
import TrainingRuns

/// What needs libtorch: a rank of a training run, and sampling from a trained model.
@main
struct Worker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contraflow-worker",
        abstract: "Runs what needs libtorch for the contraflow command.",
        version: "\(contraflowVersion) (libtorch \(LibTorchRuntime.version) from \(LibTorchRuntime.libraryPath))",
        subcommands: [TrainRank.self, Generate.self, ListDevices.self],
        defaultSubcommand: TrainRank.self)

    /// Runs the worker, unless its libtorch is not the one that it was built against.
    static func main() {
        if let mismatch = LibTorchRuntime.mismatch {
            end("\(mismatch): run 'make build', which brings the right one", ExitCode.failure)
        }
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as CocoaError {
            end("cannot use \(error.filePath ?? "a file"): \(error.reason)", ExitCode.failure)
        } catch let error as LibTorchError where error.isLostPeer {
            end(error.message, ExitCode(RankExit.lostPeer))
        } catch {
            exit(withError: error)
        }
    }

    private static func end(_ message: String, _ code: ExitCode) -> Never {
        try? FileHandle.standardError.write(contentsOf: Data("Error: \(message.oneLine)\n".utf8))
        exit(withError: code)
    }
}
