import Foundation
import LibTorch
import Synchronization
public import TrainingRecipes

/// All ranks of a run.
///
///     let grid = DeviceMesh(pipeline: 2, experts: 2)
///     try World(grid).run { context in
///         let trainer = try Trainer(model: model, schedule: schedule, grid: grid, place: context, …)
///     }
///
/// The same program runs as threads of one process on a laptop, and as one process per rank under torchrun or srun.
public struct World: Sendable {
    /// The arrangement of the ranks.
    public let grid: DeviceMesh

    /// Creates the world of the ranks of `grid`.
    public init(_ grid: DeviceMesh) { self.grid = grid }

    /// Runs `body` once if torchrun's or Slurm's variables define the rank of this process. Otherwise runs `body` for
    /// every rank, each on a thread of its own, with one compute thread per rank.
    ///
    /// - Returns: The results of `body` in rank order: one in total, or one per rank.
    /// - Throws: The error of the rank that failed first.
    @discardableResult
    public func run<Result: Sendable>(_ body: @escaping @Sendable (RankContext) throws -> Result) throws -> [Result] {
        let environment = ProcessInfo.processInfo.environment
        guard RankContext.isNamed(by: environment) else { return try runThreads(body) }
        return [try body(RankContext(environment: environment))]
    }

    private func runThreads<Result: Sendable>(
        _ body: @escaping @Sendable (RankContext) throws -> Result
    ) throws -> [Result] {
        let file = FileManager.default.temporaryDirectory.appending(path: "contraflow-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let ended = Mutex<[(rank: Int, outcome: Swift.Result<Result, any Error>)]>([])
        let finished = DispatchGroup()
        for rank in 0..<grid.worldSize {
            finished.enter()
            let context = RankContext(rank: rank, worldSize: grid.worldSize, rendezvousFile: file)
            let thread = Thread {
                let outcome = Swift.Result { () throws in
                    try LibTorchRuntime.setThreads(1)
                    return try body(context)
                }
                ended.withLock { $0.append((rank, outcome)) }
                finished.leave()
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
        finished.wait()
        let results = try ended.withLock { $0 }.map { (rank: $0.rank, result: try $0.outcome.get()) }
        return results.sorted { $0.rank < $1.rank }.map(\.result)
    }
}
