import Foundation
import LibTorch
import PipelineTraining
import TrainingRecipes

/// A world of ranks as threads of this process, which meet through a file as local ranks do.
struct LocalWorld {
    let grid: RankGrid

    /// Runs `body` as every rank at once, each on a thread of its own, and returns what they return.
    func run<Result>(
        _ body: @escaping (_ rank: Int, _ makeGroup: ([Int]) throws -> any ProcessGroup) throws -> Result
    ) throws -> [Result] {
        let path = FileManager.default.temporaryDirectory.appending(path: "world-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let results = Results<Result>(count: grid.worldSize)
        let finished = DispatchGroup()
        // Every rank is a thread of its own, and the results are locked.
        nonisolated(unsafe) let body = body
        for rank in 0..<grid.worldSize {
            finished.enter()
            Thread.detachNewThread {
                defer { finished.leave() }
                do {
                    try LibTorchRuntime.setThreads(1)
                    let store = try RendezvousStore.file(path, worldSize: grid.worldSize)
                    let value = try body(rank) { ranks in
                        let name = ranks.map(String.init).joined(separator: "-")
                        return try GlooGroup(
                            store: store.prefixed(name), rank: ranks.firstIndex(of: rank) ?? 0, size: ranks.count,
                            host: "127.0.0.1", timeoutMilliseconds: 60_000)
                    }
                    results.set(rank, .success(value))
                } catch {
                    results.set(rank, .failure(error))
                }
            }
        }
        finished.wait()
        return try results.values()
    }
}

private final class Results<Value>: @unchecked Sendable {
    // Invariant: `slots` is only touched under `lock`.
    private let lock = NSLock()
    private var slots: [Swift.Result<Value, any Error>?]

    init(count: Int) {
        slots = Array(repeating: nil, count: count)
    }

    func set(_ index: Int, _ value: Swift.Result<Value, any Error>) {
        lock.withLock { slots[index] = value }
    }

    func values() throws -> [Value] {
        try lock.withLock { try slots.compactMap { try $0?.get() } }
    }
}
