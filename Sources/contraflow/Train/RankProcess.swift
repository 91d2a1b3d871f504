import Foundation
import TrainingRuns

/// One rank's worker.
final class RankProcess {
    let rank: Int
    private let process = Process()

    /// Starts the worker; its end, and for rank 0 each line that it writes, become events.
    init(
        rank: Int, worldSize: Int, worker: WorkerProgram, folder: RunFolder, recipe: URL, isResumed: Bool, store: URL,
        events: EventQueue
    ) throws {
        self.rank = rank
        process.executableURL = URL(filePath: worker.path)
        process.arguments =
            ["--recipe", recipe.path, "--folder", folder.url.path] + (isResumed ? ["--resume"] : [])
        let environment = ProcessInfo.processInfo.environment
        process.environment = environment.merging([
            "RANK": String(rank), "WORLD_SIZE": String(worldSize), "LOCAL_RANK": String(rank),
            "CONTRAFLOW_RENDEZVOUS_FILE": store.path, "CONTRAFLOW_LAUNCHER": String(getpid()),
            "OMP_NUM_THREADS": "1",
            // Ranks of one machine meet on loopback alone, on devices too.
            "NCCL_SOCKET_IFNAME": environment["NCCL_SOCKET_IFNAME"] ?? "lo",
        ]) { $1 }
        process.standardInput = FileHandle.nullDevice
        let log = folder.log(rank: rank)
        try Data().write(to: log)
        process.standardError = try FileHandle(forWritingTo: log)
        let pipe = Pipe()
        process.standardOutput = rank == 0 ? pipe : FileHandle.nullDevice
        // A rank has ended when its process has, and all that it wrote has been read. (Foundation's `waitUntilExit` is
        // no help: on a thread without a run loop of its own it keeps a core busy.)
        let end = DispatchGroup()
        end.enter()
        process.terminationHandler = { _ in end.leave() }
        try process.run()
        if rank == 0 {
            end.enter()
            Thread.detachNewThread {
                Self.readLines(pipe.fileHandleForReading) { events.add(.line($0)) }
                end.leave()
            }
        }
        end.notify(queue: .global()) { [process] in
            events.add(.ended(rank: rank, RunEvent.End(process)))
        }
    }

    /// The way in which the process has ended; nil while it runs.
    var end: RunEvent.End? { process.isRunning ? nil : RunEvent.End(process) }

    /// Asks the rank to end after the step under way, and to save what was learned.
    func requestEnd() {
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGTERM) }
    }

    func kill() {
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
    }

    /// The last line that the rank has written to its log, without the word that begins errors.
    func lastMessage(in folder: RunFolder) -> String? {
        guard let text = try? String(contentsOf: folder.log(rank: rank), encoding: .utf8) else { return nil }
        guard let line = text.split(separator: "\n").last(where: { $0.hasPrefix("Error: ") }) else {
            return text.split(separator: "\n").last.map(String.init)
        }
        return String(line.dropFirst("Error: ".count))
    }

    private static func readLines(_ handle: FileHandle, _ body: (Data) -> Void) {
        var rest = Data()
        while true {
            let data = handle.availableData
            if data.isEmpty { return }
            rest += data
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                body(Data(rest[rest.startIndex..<end]))
                rest = Data(rest[(end + 1)...])
            }
        }
    }
}

extension RunEvent.End {
    /// The end of a process that does not run any more.
    fileprivate init(_ process: Process) {
        self =
            process.terminationReason == .uncaughtSignal
            ? .signal(process.terminationStatus) : .exit(process.terminationStatus)
    }
}
