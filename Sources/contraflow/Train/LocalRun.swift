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

    init(recipe: Recipe, worker: WorkerProgram, folder: RunFolder) {
        self.recipe = recipe
        self.worker = worker
        self.folder = folder
    }

    func run() throws {
        let meeting = FileManager.default.temporaryDirectory.appending(path: "contraflow-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: meeting, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: meeting) }

        let events = EventQueue()
        let interrupt = interruptSource(events)
        defer { interrupt.cancel() }
        var ranks: [RankProcess] = []
        defer { for rank in ranks { rank.kill() } }
        for rank in 0..<recipe.grid.worldSize {
            ranks.append(
                try RankProcess(
                    rank: rank, worldSize: recipe.grid.worldSize, worker: worker, folder: folder,
                    meetingFile: meeting.appending(path: "store").path, events: events))
        }

        var progress = TrainingProgress(recipe: recipe, folder: folder)
        progress.begin()
        try Data().write(to: folder.metrics)
        let metricsFile = try FileHandle(forWritingTo: folder.metrics)
        defer { try? metricsFile.close() }
        var running = ranks.count
        while running > 0 {
            switch events.next() {
            case .line(let line):
                try metricsFile.write(contentsOf: line + Data("\n".utf8))
                progress.show(try JSONDecoder().decode(StepMetrics.self, from: line))
            case .ended(_, 0):
                running -= 1
            case .ended(let rank, let status):
                progress.stop()
                throw failure(of: rank, status, among: ranks)
            case .interrupted:
                progress.stop()
                progress.summarize(isWhole: false)
                throw ExitCode(130)
            }
        }
        progress.stop()
        progress.summarize(isWhole: true)
    }

    /// Ctrl-C as an event, so that the ranks are ended and what was measured is told.
    private func interruptSource(_ events: EventQueue) -> any DispatchSourceSignal {
        signal(SIGINT, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler { events.add(.interrupted) }
        source.resume()
        return source
    }

    /// Says which rank failed and why; those that only lost their peers come after the one that was first.
    private func failure(of rank: Int, _ status: Int32, among ranks: [RankProcess]) -> any Error {
        // Others may be writing what really happened.
        Thread.sleep(forTimeInterval: 0.3)
        let said = ranks.filter { !$0.isRunning }.map { (rank: $0.rank, message: $0.lastMessage(in: folder)) }
        let first =
            said.first { $0.message.map { !$0.contains("onnection") } ?? false }
            ?? said.first { $0.rank == rank } ?? (rank, nil)
        let reason = first.message ?? "it ended with status \(status)"
        FileHandle.standardError.write(
            Data(
                "Error: rank \(first.rank) failed: \(reason) (see \(folder.log(rank: first.rank).relativePath))\n".utf8)
        )
        return Self.rankFailure
    }
}

/// What can happen to a run.
enum RunEvent: Sendable {
    /// Rank 0 has written a line.
    case line(Data)
    /// A rank has ended.
    case ended(rank: Int, status: Int32)
    /// The user has pressed Ctrl-C.
    case interrupted
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
