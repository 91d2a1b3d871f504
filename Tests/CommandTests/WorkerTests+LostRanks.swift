import Foundation
import Testing

/// Ranks that are stopped or killed while others wait for them. The heartbeat timeout is 5 s, which a busy machine
/// does not exceed.
extension WorkerTests {
    private var timeout: [String: String] { ["CONTRAFLOW_HEARTBEAT_TIMEOUT": "5"] }

    /// The processes of a launcher's ranks, in the order of ranks.
    private func workers(of launcher: Int32) -> [Int32] {
        let children = contents("/proc/\(launcher)/task/\(launcher)/children") + tasksChildren(of: launcher)
        let processes = Set(children.split(separator: " ").compactMap { Int32($0) })
        func rank(_ process: Int32) -> Int? {
            contents("/proc/\(process)/environ").split(separator: "\0").first { $0.hasPrefix("RANK=") }.flatMap {
                Int($0.dropFirst("RANK=".count))
            }
        }
        return processes.compactMap { process in rank(process).map { ($0, process) } }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// The children that threads other than the first have started.
    private func tasksChildren(of process: Int32) -> String {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
        return tasks.map { contents("/proc/\(process)/task/\($0)/children") }.joined(separator: " ")
    }

    /// The state of a process, such as `Z` if it has ended and is not reaped; nil if there is no such process.
    private func state(of process: Int32) -> Character? {
        contents("/proc/\(process)/stat").split(separator: ")").last?.dropFirst().first
    }

    /// Starts a run of two ranks, and calls `body` with its launcher and ranks once it trains.
    private func run(in folder: URL, _ body: (_ launcher: Int32, _ ranks: [Int32]) throws -> Void) throws -> Command {
        let run = folder.appending(path: "runs/debug")
        return try Command(arguments: arguments(in: folder, steps: 1_000_000), environment: timeout) { process, _ in
            try wait(for: 3, of: run)
            let ranks = workers(of: process.processIdentifier)
            try #require(ranks.count == 2)
            try body(process.processIdentifier, ranks)
        }
    }

    @Test("A stopped rank is named within the heartbeat timeout, and no process is left", arguments: [0, 1])
    func aStoppedRank(rank: Int) throws {
        try withText { folder in
            var stopped = ContinuousClock.now
            var processes: [Int32] = []
            let command = try run(in: folder) { _, ranks in
                processes = ranks
                kill(ranks[rank], SIGSTOP)
                stopped = .now
            }
            // A loaded machine may delay the launcher and the end of its command.
            #expect(stopped.duration(to: .now) < .seconds(14))
            #expect(command.status == 70)
            let errors = command.errors.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
            #expect(errors.count == 1)
            #expect(errors[0].hasPrefix("Error: rank \(rank) on ") && errors[0].contains(" has sent no heartbeat for "))
            #expect(errors[0].contains("; rank \(1 - rank) waits for it (see ") && errors[0].contains(" at step "))
            for process in processes { #expect(state(of: process) == nil) }
        }
    }

    @Test("A rank killed by a signal is named with the signal", arguments: [0, 1]) func aKilledRank(rank: Int) throws {
        try withText { folder in
            let command = try run(in: folder) { _, ranks in kill(ranks[rank], SIGKILL) }
            #expect(command.status == 70)
            let error = command.errors.split(separator: "\n").last
            #expect(
                error?.hasPrefix("Error: rank \(rank) was killed by signal 9 (Killed) (see ") == true,
                "\(command.errors)")
        }
    }

    /// The launcher is stopped, so that it does not reap the rank.
    @Test("A rank that was killed but not reaped holds no survivor") func aZombie() throws {
        try withText { folder in
            let command = try run(in: folder) { launcher, ranks in
                kill(launcher, SIGSTOP)
                kill(ranks[1], SIGKILL)
                try wait { state(of: ranks[1]) == "Z" }
                let killed = ContinuousClock.now
                try wait { state(of: ranks[0]) == "Z" }
                #expect(killed.duration(to: .now) < .seconds(10))
                kill(launcher, SIGCONT)
            }
            #expect(command.status == 70 && command.errors.contains("Error: rank 1 was killed by signal 9 (Killed)"))
        }
    }

    @Test("Without the launcher, a stopped rank is named by the others", arguments: [0, 1]) func aStoppedPeer(
        rank: Int
    )
        throws
    {
        try withText { folder in
            let arguments = try prepare(folder, steps: 1_000_000)
            let (socket, port) = try listeningSocket()
            close(socket)
            let metrics = folder.appending(path: "run/metrics.jsonl")
            func start(_ rank: Int, meanwhile: (Process) throws -> Void) throws -> Command {
                try Command(
                    arguments: arguments, program: worker,
                    environment: variables(rank: rank, port: port).merging(timeout) { $1 }
                ) { process, _ in try meanwhile(process) }
            }
            var survivor: Command?
            _ = try start(rank) { stopped in
                survivor = try start(1 - rank) { _ in
                    try wait { text(metrics).contains("\"step\":3,") }
                    kill(stopped.processIdentifier, SIGSTOP)
                }
                kill(stopped.processIdentifier, SIGKILL)
            }
            let errors = try #require(survivor).errors.split(separator: "\n")
            #expect(survivor?.status == 75)
            #expect(
                errors.last?.hasPrefix(
                    rank == 0
                        ? "Error: the host of rank 0 (127.0.0.1:\(port)) has not answered for "
                        : "Error: rank 1 on ") == true, "\(errors)")
        }
    }

    @Test("A wrong heartbeat timeout is refused before any rank starts") func aWrongTimeout() throws {
        try withText { folder in
            let command = try Command(
                arguments: arguments(in: folder, steps: 1), environment: ["CONTRAFLOW_HEARTBEAT_TIMEOUT": "soon"])
            #expect(command.status == 1)
            #expect(
                command.errors
                    == "Error: CONTRAFLOW_HEARTBEAT_TIMEOUT is 'soon': it must be 1 to 86400 seconds, or 0 for no limit\n"
            )
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "runs").path))
        }
    }
}
