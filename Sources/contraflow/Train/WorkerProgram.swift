import Foundation
import Subprocess
import SystemPackage
import TrainingRuns

/// The program that runs one rank; apart from the command, so that the command needs no libtorch.
struct WorkerProgram {
    let path: String

    /// What a worker says of itself.
    struct Version {
        /// The worker's own version.
        let worker: String
        /// The version of its libtorch.
        let libtorch: String
        /// The file that libtorch was loaded from.
        let libtorchPath: String
    }

    /// Beside the command's own executable, else where `CONTRAFLOW_WORKER` says.
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
            "contraflow-worker is missing: it is not beside \(own.path): build it with 'make build' or name it by "
                + "CONTRAFLOW_WORKER")
    }

    /// Starts the worker once, so that a libtorch that is missing or does not fit is known before any rank starts.
    ///
    /// - Throws: ``CommandError`` with what the worker, or the system's loader, has to say.
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
        /// Bytes of its memory that are free.
        let free: Int
        /// All its bytes.
        let total: Int
    }

    /// The CUDA devices that a worker sees.
    ///
    /// - Parameter ranks: How many ranks there are to be, each with a device of its own.
    /// - Throws: ``CommandError`` in the worker's words where there are not as many, or none at all.
    func devices(ranks: Int = 1) async throws -> [Device] {
        let said = try await output(of: ["devices", "--ranks", "\(ranks)"])
        guard let devices = try? JSONDecoder().decode([Device].self, from: Data(said.utf8)) else {
            throw CommandError("\(path) has not told its devices: build it with 'make build'")
        }
        return devices
    }

    /// What the worker prints.
    private func output(of arguments: [String]) async throws -> String {
        let result: ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>>
        do {
            result = try await Subprocess.run(
                .path(FilePath(path)), arguments: Arguments(arguments), output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20))
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
                "libtorch is missing: \(path) cannot load \(match.1) (\(match.2)): run 'make build', which brings it")
        }
        if complaint.contains("symbol lookup error") || complaint.contains("undefined symbol") {
            return CommandError(
                "libtorch is of another version than \(path) was built against: run 'make build', which brings the right "
                    + "one")
        }
        return CommandError("\(path) does not start: is libtorch whole? 'make build' brings it and builds the worker")
    }

    /// Runs the worker in place of this process; returns only where that fails.
    func replaceProcess(arguments: [String]) throws {
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        execv(path, &words)
        throw CommandError("\(path) cannot be run: \(String(cString: strerror(errno)))")
    }
}
