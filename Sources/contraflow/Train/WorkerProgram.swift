import Foundation

/// The program that runs one rank; apart from the command, so that the command needs no libtorch.
struct WorkerProgram {
    let path: String

    /// Beside the command's own executable, else where `CONTRAFLOW_WORKER` says.
    static func find() throws -> WorkerProgram {
        let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let beside = own.deletingLastPathComponent().appending(path: "contraflow-worker").path
        if FileManager.default.isExecutableFile(atPath: beside) { return WorkerProgram(path: beside) }
        if let named = ProcessInfo.processInfo.environment["CONTRAFLOW_WORKER"] {
            guard FileManager.default.isExecutableFile(atPath: named) else {
                throw CommandFailure("CONTRAFLOW_WORKER is \(named), which is not an executable file")
            }
            return WorkerProgram(path: named)
        }
        throw CommandFailure("contraflow-worker is not beside \(own.path): build it with 'make build'")
    }

    /// Runs the worker in place of this process; returns only where that fails.
    func replaceProcess(arguments: [String]) throws {
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        execv(path, &words)
        throw CommandFailure("\(path) cannot be run: \(String(cString: strerror(errno)))")
    }

    /// What `--version` prints.
    func version() throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = ["--version"]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CommandFailure("\(path) does not start: is its libtorch still there? 'make build' makes it anew")
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
