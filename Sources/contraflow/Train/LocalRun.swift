import ArgumentParser
import Foundation
import Synchronization
import TrainingRecipes
import TrainingRuns

/// A training run on this machine: starts a worker a rank, shows what rank 0 reports, and ends them all together.
struct LocalRun {
    /// The exit code after a rank has failed.
    static let rankFailure = ExitCode(70)

    private let recipe: Recipe
    private let worker: WorkerProgram
    private let folder: RunFolder
    /// Whether the run goes on from the folder's checkpoint.
    private let isResumed: Bool

    init(recipe: Recipe, worker: WorkerProgram, folder: RunFolder, isResumed: Bool = false) {
        self.recipe = recipe
        self.worker = worker
        self.folder = folder
        self.isResumed = isResumed
    }

    func run() throws {
        let rendezvous: URL
        do {
            rendezvous = try rendezvousFolder()
        } catch {
            throw CommandError(
                "cannot make a folder in \(FileManager.default.temporaryDirectory.path), where the ranks meet: "
                    + "\(error.reason): set TMPDIR to another")
        }
        defer { try? FileManager.default.removeItem(at: rendezvous) }
        do {
            try run(rendezvous)
        } catch {
            if error is ExitCode || error is CommandError { throw error }
            throw CommandError("\(folder.url.relativePath): \(error.reason)")
        }
    }

    /// Makes a folder that no other user may read: the ranks' store is in it, and the recipe, which rank 0 writes to the run's
    /// folder once training can begin.
    private func rendezvousFolder() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appending(path: "contraflow-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        return url
    }

    private func run(_ rendezvous: URL) throws {
        let recipeFile = rendezvous.appending(path: "recipe.toml")
        try Data(recipe.toml().utf8).write(to: recipeFile)
        let queue = EventQueue()
        // Whoever starts a run by nohup wants it to outlive the terminal.
        let signals = SignalWatch.isIgnored(SIGHUP) ? [SIGINT, SIGTERM] : [SIGINT, SIGTERM, SIGHUP]
        SignalWatch.begin(signals) { queue.add(.interrupted($0)) }
        SignalWatch.survivePipes()
        var ranks: [RankProcess] = []
        defer { for rank in ranks { rank.kill() } }
        for rank in 0..<recipe.grid.worldSize {
            ranks.append(
                try RankProcess(
                    rank: rank, worldSize: recipe.grid.worldSize, worker: worker, folder: folder,
                    recipe: recipeFile, isResumed: isResumed, store: rendezvous.appending(path: "store"),
                    events: queue))
        }

        var progress = TrainingProgress(recipe: recipe, folder: folder)
        progress.begin()
        var running = ranks.count
        var request: Int32?
        while running > 0 {
            switch queue.next() {
            case .line(let line):
                guard let metrics = try? JSONDecoder().decode(StepMetrics.self, from: line) else {
                    throw CommandError(
                        "rank 0 has written what is no line of metrics: \(String(decoding: line, as: UTF8.self))")
                }
                progress.show(metrics)
                // As a program ends that writes to a closed pipe, but with its ranks and its folder in order.
                if progress.hasLostReader { throw ExitCode(128 + SIGPIPE) }
            case .ended(_, .exit(0)):
                running -= 1
            case .ended(_, .signal(SIGTERM)) where request != nil:
                running -= 1
            case .ended(let rank, let end):
                progress.stop()
                throw failure(of: rank, end, among: ranks)
            case .interrupted(let number) where request == nil:
                request = number
                progress.stop()
                note("ending after this step; once more ends at once")
                for rank in ranks { rank.requestEnd() }
            case .interrupted(let number):
                progress.stop()
                progress.summarize(isWhole: false)
                throw ExitCode(128 + number)
            }
        }
        progress.stop()
        progress.summarize(isWhole: request == nil)
        if let request { throw ExitCode(128 + request) }
    }

    /// Says which rank failed and why; those that only lost their peers come after the one that was first.
    private func failure(of rank: Int, _ end: RunEvent.End, among ranks: [RankProcess]) -> any Error {
        // Others may be writing what really happened.
        Thread.sleep(forTimeInterval: 0.3)
        let ended = ranks.filter { $0.end.map { !$0.isFollowUp } ?? false }
        let first = ended.first { $0.rank == rank } ?? ended.first ?? ranks[rank]
        let reason = first.lastMessage(in: folder) ?? (first.end ?? end).description
        note("Error: rank \(first.rank) failed: \(reason) (see \(folder.log(rank: first.rank).relativePath))")
        return Self.rankFailure
    }
}

/// What can happen to a run.
enum RunEvent: Sendable {
    /// Rank 0 has written a line.
    case line(Data)
    /// A rank has ended.
    case ended(rank: Int, End)
    /// The user has pressed Ctrl-C, or something else has sent a signal that asks for an end.
    case interrupted(Int32)

    /// How a process has ended.
    enum End: Sendable, CustomStringConvertible {
        case exit(Int32)
        case signal(Int32)

        /// Whether the process ended as it should, or because another had ended before.
        var isFollowUp: Bool {
            switch self {
            case .exit(let status): status == 0 || status == RankExit.lostPeer
            case .signal: false
            }
        }

        var description: String {
            switch self {
            case .exit(let status): "it ended with status \(status)"
            case .signal(let number): "it was ended by signal \(number) (\(String(cString: strsignal(number))))"
            }
        }
    }
}

/// Events in the order in which they happened, for one thread that waits for them.
final class EventQueue: Sendable {
    private let events = Mutex<[RunEvent]>([])
    private let available = DispatchSemaphore(value: 0)

    func add(_ event: RunEvent) {
        events.withLock { $0.append(event) }
        available.signal()
    }

    func next() -> RunEvent {
        available.wait()
        return events.withLock { $0.removeFirst() }
    }
}
