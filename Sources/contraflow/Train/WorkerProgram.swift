import Foundation
import Subprocess
import SystemPackage
import TrainingRuns

/// The worker, which runs one rank, samples text or lists devices. It is separate from the command, so that the command
/// does not need libtorch.
struct WorkerProgram {
    let path: String

    /// A process group per worker, so that Ctrl-C reaches only this process, which ends its workers.
    static let options = {
        var options = PlatformOptions()
        options.processGroupID = 0
        return options
    }()

    /// The versions that a worker reports.
    struct Version {
        /// The worker's own version.
        let worker: String
        /// The version of its libtorch.
        let libtorch: String
        /// The file that libtorch was loaded from.
        let libtorchPath: String
    }

    /// Finds the worker: beside the command's own executable or, if there is none, at the path `CONTRAFLOW_WORKER`.
    static func find() throws -> WorkerProgram {
        let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let beside = own.deletingLastPathComponent().appending(path: "contraflow-worker").path
        if FileManager.default.isExecutableFile(atPath: beside) { return WorkerProgram(path: beside) }
        if let named = ProcessInfo.processInfo.environment["CONTRAFLOW_WORKER"] {
            guard FileManager.default.isExecutableFile(atPath: named) else {
                throw CommandError(
                    "CONTRAFLOW_WORKER is \(named), which is not an executable file: name contraflow-worker")
            }
            return WorkerProgram(path: named)
        }
        throw CommandError(
            "contraflow-worker is missing: it is not beside \(own.path): build it with 'make build' or set "
                + "CONTRAFLOW_WORKER to its path")
    }

    /// Returns the versions of the worker and of its libtorch.
    ///
    /// A run calls the method before it starts ranks, to detect a libtorch that is missing or has the wrong version.
    ///
    /// - Throws: ``CommandError`` with the error message of the worker or of the system's loader.
    func version() async throws -> Version {
        let said = try await output(of: ["--version"])
        guard let match = said.firstMatch(of: /^(\S+) \(libtorch (\S+) from (.*)\)/), match.1 == contraflowVersion
        else {
            throw CommandError(
                "\(path) is not the worker of contraflow \(contraflowVersion): build both with 'make build'")
        }
        return Version(worker: String(match.1), libtorch: String(match.2), libtorchPath: String(match.3))
    }

    /// A CUDA device.
    struct Device: Decodable {
        /// The free bytes of its memory.
        let free: Int
        /// The total bytes of its memory.
        let total: Int
    }

    /// Returns the CUDA devices that a worker sees.
    ///
    /// - Parameters:
    ///   - ranks: The number of ranks.
    ///   - ranksPerDevice: The number of ranks that share a device.
    /// - Throws: ``CommandError`` with the error message of the worker if there are fewer devices than the ranks need.
    func devices(ranks: Int = 1, ranksPerDevice: Int = 1) async throws -> [Device] {
        let said = try await output(
            of: ["devices", "--ranks", "\(ranks)", "--ranks-per-device", "\(ranksPerDevice)"])
        guard let devices = try? JSONDecoder().decode([Device].self, from: Data(said.utf8)) else {
            throw CommandError("\(path) did not list its devices: build it with 'make build'")
        }
        return devices
    }

    /// Runs the worker and returns its output.
    private func output(of arguments: [String]) async throws -> String {
        let result: ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>>
        do {
            result = try await Subprocess.run(
                .path(FilePath(path)), arguments: Arguments(arguments), platformOptions: Self.options,
                output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        } catch {
            throw CommandError("\(path) cannot be run: \(error): build it with 'make build'")
        }
        guard result.terminationStatus.isSuccess else { throw failure(result.standardError) }
        return result.standardOutput
    }

    private func failure(_ complaint: String) -> CommandError {
        if let line = complaint.split(separator: "\n").last(where: { $0.hasPrefix("Error: ") }) {
            return CommandError(String(line.dropFirst("Error: ".count)))
        }
        if let match = complaint.firstMatch(of: /error while loading shared libraries: ([^:\n]+): (.*)/) {
            return CommandError(
                "libtorch is missing: \(path) cannot load \(match.1) (\(match.2)): run 'make build', which installs it")
        }
        if complaint.contains("symbol lookup error") || complaint.contains("undefined symbol") {
            return CommandError(
                "libtorch is not the version that \(path) was built against: run 'make build', which installs the "
                    + "right one")
        }
        return CommandError(
            "\(path) does not start: libtorch may be damaged: run 'make build', which installs it and builds the worker"
        )
    }

    /// Replaces this process by the worker. Returns only if that fails, with an error.
    func replaceProcess(arguments: [String]) throws {
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        execv(path, &words)
        throw CommandError("\(path) cannot be run: \(String(cString: strerror(errno)))")
    }
}
