import ArgumentParser
import Foundation
import LibTorch
import TrainingRecipes

/// What needs libtorch: a rank of a training run, and sampling from a trained model.
@main
struct Worker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contraflow-worker",
        abstract: "Runs what needs libtorch for the contraflow command.",
        version: "0.1.0 (libtorch \(LibTorchRuntime.version) from \(LibTorchRuntime.libraryPath))",
        subcommands: [TrainRank.self, Generate.self, ListDevices.self],
        defaultSubcommand: TrainRank.self)

    /// Runs the worker, unless its libtorch is not the one that it was built against.
    static func main() {
        if let mismatch = LibTorchRuntime.mismatch {
            let line = "Error: \(mismatch): run 'make build', which brings the right one\n"
            try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
            exit(withError: ExitCode.failure)
        }
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as CocoaError {
            exit(withError: RecipeError(error.oneLine))
        } catch {
            exit(withError: error)
        }
    }
}

extension CocoaError {
    /// The file and what the system says of it.
    fileprivate var oneLine: String {
        let cause = (userInfo[NSUnderlyingErrorKey] as? POSIXError).map { String(cString: strerror($0.code.rawValue)) }
        return "cannot use \(filePath ?? "a file"): \(cause ?? localizedDescription)"
    }
}
