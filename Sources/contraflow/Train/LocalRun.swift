import ArgumentParser
import Foundation
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
    /// Whether the run continues from the checkpoint in its folder.
    var isResumed = false

    func run() async throws {
        let rendezvous: URL
        do {
            rendezvous = try rendezvousFolder()
        } catch {
            throw CommandError(
                "cannot create a folder for the ranks' rendezvous in \(FileManager.default.temporaryDirectory.path): "
                    + "\(error.reason): set TMPDIR to another folder")
        }
        defer { try? FileManager.default.removeItem(at: rendezvous) }
        do {
            try await run(rendezvous)
        } catch {
            if error is ExitCode || error is CommandError { throw error }
            throw CommandError("\(folder.url.relativePath): \(error.reason)")
        }
    }

    /// Creates a folder that no other user may read. The folder holds the store of the ranks' rendezvous, and the
    /// recipe until rank 0 writes it to the run's folder.
    private func rendezvousFolder() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appending(path: "contraflow-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        return url
    }

    private func run(_ rendezvous: URL) async throws {
        let recipeFile = rendezvous.appending(path: "recipe.toml")
        try Data(recipe.toml().utf8).write(to: recipeFile)
        let (events, queue) = AsyncStream.makeStream(of: RunEvent.self)
        // A run that was started by nohup must survive the end of its terminal.
        let signals = SignalWatch.isIgnored(SIGHUP) ? [SIGINT, SIGTERM] : [SIGINT, SIGTERM, SIGHUP]
        SignalWatch.begin(signals) { queue.yield(.interrupted($0)) }
        SignalWatch.survivePipes()
        let process = RankProcess(
            worldSize: recipe.grid.worldSize, worker: worker, folder: folder, recipe: recipeFile,
            isResumed: isResumed, store: rendezvous.appending(path: "store"), events: queue)
        var watch = RunWatch(recipe: recipe, folder: folder, queue: queue)
        // A folder without a step would only take the name of the next run.
        defer { if watch.isUnused, !isResumed { folder.removeIfUnused() } }
        try await withThrowingTaskGroup(of: Void.self) { ranks in
            // The cancellation of a task ends its process.
            defer { ranks.cancelAll() }
            for rank in 0..<recipe.grid.worldSize { ranks.addTask { await process.run(rank) } }
            for await event in events where try watch.isLast(event) { break }
        }
    }
}
