import ArgumentParser
import Foundation
import RankHeartbeats
import TrainingRecipes
import TrainingRuns

/// A training run on this machine. It starts a worker per rank, shows the metrics of rank 0, and ends all workers.
///
/// The run is on the main actor, because writing progress may block and must not block a thread of the concurrency
/// pool.
@MainActor
struct LocalRun {
    let recipe: Recipe
    let worker: WorkerProgram
    let folder: RunFolder
    /// The limits by which ranks are judged.
    let limits: HeartbeatLimits
    /// The number of times that failed ranks are started again.
    let maxRestarts: Int
    let signals: RunSignals

    func run() async throws {
        do {
            try folder.removeLeftovers()
            try await runAttempts()
        } catch {
            if error is ExitCode || error is CommandError { throw error }
            throw CommandError("\(folder.url.relativePath): \(error.reason)")
        }
    }

    private func runAttempts() async throws {
        var watch = RunWatch(recipe: recipe, folder: folder)
        // A folder without a step would only take the name of the next run.
        defer { if watch.isUnused { folder.removeIfUnused() } }
        for attempt in 0... {
            do {
                return try await run(&watch, keepsLogs: attempt > 0)
            } catch let code as ExitCode where code == RunWatch.rankFailure {
                guard attempt < maxRestarts, !watch.isAskedToEnd, !watch.hasRefused else {
                    if let line = RunResults(recipe: recipe, folder: folder).continuation { note(line) }
                    throw code
                }
                let step = try CheckpointFolder(url: folder.checkpoint).steps().first
                note(
                    "restarting the ranks (\(attempt + 1) of \(maxRestarts)) from "
                        + (step.map { "the checkpoint of step \($0)" } ?? "the beginning"))
            }
        }
    }

    /// Runs all ranks once.
    private func run(_ watch: inout RunWatch, keepsLogs: Bool) async throws {
        let rendezvous = try RendezvousFolder()
        defer { rendezvous.remove() }
        let recipeFile = rendezvous.url.appending(path: "recipe.toml")
        try Data(recipe.toml().utf8).write(to: recipeFile)
        let (events, queue) = AsyncStream.makeStream(of: RunEvent.self)
        let heartbeats = try HeartbeatFile.create(worldSize: recipe.grid.worldSize)
        let monitor = HeartbeatMonitor(heartbeats, rank: nil, limits: limits)
        monitor.start { queue.yield(.heartbeats($0)) }
        defer { monitor.stop() }
        let process = RankProcess(
            worldSize: recipe.grid.worldSize, worker: worker, folder: folder, recipe: recipeFile,
            store: rendezvous.url.appending(path: "store"), heartbeats: heartbeats, monitor: monitor,
            keepsLogs: keepsLogs,
            events: queue)
        watch.begin(queue, keepsLogs: keepsLogs)
        signals.deliver(to: queue)
        try await withThrowingTaskGroup(of: Void.self) { ranks in
            // The cancellation of a task ends its process.
            defer { ranks.cancelAll() }
            for rank in 0..<recipe.grid.worldSize { ranks.addTask { await process.run(rank) } }
            for await event in events where try watch.isLast(event) { break }
        }
    }
}
