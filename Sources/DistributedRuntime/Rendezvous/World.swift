import Foundation
import LibTorch
public import TrainingRecipes

/// All ranks of a run.
///
///     try World(DeviceMesh(pipeline: 2, experts: 2)).run { place in
///         let rank = try Trainer(model: model, schedule: schedule, grid: grid, place: place, …)
///     }
///
/// The same program runs as threads on a laptop and as one process a rank under torchrun or srun.
public struct World: Sendable {
    /// How the ranks are arranged.
    public let grid: DeviceMesh

    /// The ranks of `grid`.
    public init(_ grid: DeviceMesh) {
        self.grid = grid
    }

    /// Runs `body` as this process's rank where torchrun's or Slurm's variables name one; otherwise as every rank, each on
    /// a thread of its own with one compute thread.
    ///
    /// - Returns: What `body` returned, in the order of ranks: one result, or one a rank.
    /// - Throws: What the first rank that failed has thrown.
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
        let outcomes = Outcomes<Result>(count: grid.worldSize)
        let finished = DispatchGroup()
        for rank in 0..<grid.worldSize {
            finished.enter()
            let place = RankContext(rank: rank, worldSize: grid.worldSize, rendezvousFile: file)
            let thread = Thread {
                outcomes.set(
                    rank,
                    Swift.Result { () throws in
                        try LibTorchRuntime.setThreads(1)
                        return try body(place)
                    })
                finished.leave()
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
        finished.wait()
        return try outcomes.all()
    }
}

private final class Outcomes<Value: Sendable>: @unchecked Sendable {
    // Invariant: everything below is only touched under `lock`.
    private let lock = NSLock()
    private var values: [Value?]
    private var firstError: (any Error)?

    init(count: Int) {
        values = Array(repeating: nil, count: count)
    }

    func set(_ index: Int, _ outcome: Result<Value, any Error>) {
        lock.withLock {
            switch outcome {
            case .success(let value): values[index] = value
            case .failure(let error): firstError = firstError ?? error
            }
        }
    }

    func all() throws -> [Value] {
        try lock.withLock {
            if let firstError { throw firstError }
            return values.compactMap { $0 }
        }
    }
}
