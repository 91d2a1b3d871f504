import Foundation
import LibTorch
import RankHeartbeats
import Synchronization
import TrainingRecipes

/// The rank of this process or thread, and the file or server through which it finds the other ranks.
public struct RankContext: Sendable {
    /// The kind of rendezvous.
    enum Rendezvous: Sendable {
        /// A file store, for ranks of one machine.
        case file(String)
        /// A server, which this rank runs if `isOurs` is true. Process groups listen at `host`, an address of this
        /// machine; if it is nil, at the local address of the connection to the server.
        case server(RendezvousServer, isOurs: Bool, host: String?)
    }

    /// The rank of this process or thread.
    public let rank: Int
    /// The number of ranks.
    public let worldSize: Int
    /// The index of this rank among the ranks of its machine; nil if the launcher does not set it.
    let localRank: Int?
    /// Whether the launcher restricted this rank to one visible device (`CUDA_VISIBLE_DEVICES`).
    let seesOwnDevice: Bool
    /// Whether CPU groups match sends and receives by tag. If false, they match them by order, as NCCL does.
    package var hasTags = true
    /// Whether CPU ranks of one machine sum gradients and exchange tokens in shared memory instead of by messages.
    package var sharesMemory = true
    /// The maximum bytes that a rank sends per exchange in shared memory. Larger exchanges would take too much shared
    /// memory, and the latency of waking threads matters less for them.
    package var sharedExchangeBytes = 4 << 20
    /// Whether the spans of CPU ranks are timed on their streams, as those on devices are. The times are the same.
    package var timesStreams = false
    /// Whether CPU ranks that are threads copy tensors between themselves, as those on devices do.
    package var copiesBetweenThreads = false
    /// The common name of all ranks if they are threads of one process; nil for a rank that is a process.
    private let threads: String?
    /// Whether the rank is a thread of a process that runs all ranks.
    var isThread: Bool { threads != nil }
    /// Whether all ranks run on one machine and therefore share a clock.
    package let isOneMachine: Bool
    private let rendezvous: Rendezvous
    /// The heartbeat of this rank.
    package let heartbeat: RankHeartbeat
    /// The number of rendezvous so far. Each one needs keys of its own.
    private let rendezvousCount = RendezvousCount()

    /// Whether `contraflow train` started this rank, after checking everything that all ranks have in common. Also true
    /// for the ranks that ``World`` runs as threads.
    package var hasLauncher: Bool {
        if case .file = rendezvous { true } else { false }
    }

    /// Creates a rank that is a thread, whose rendezvous uses a file store. The file must be new.
    init(rank: Int, worldSize: Int, rendezvousFile: String) {
        self.rank = rank
        self.worldSize = worldSize
        localRank = rank
        seesOwnDevice = false
        threads = rendezvousFile
        heartbeat = RankHeartbeat(rank: rank, worldSize: worldSize)
        isOneMachine = true
        rendezvous = .file(rendezvousFile)
    }

    /// Whether a launcher started this process to be one of its ranks.
    static func isNamed(by environment: [String: String]) -> Bool {
        environment["RANK"] != nil || environment["SLURM_PROCID"] != nil
    }

    /// Reads torchrun's variables, or Slurm's if those are not set. `contraflow train` sets RANK, WORLD_SIZE,
    /// LOCAL_RANK and CONTRAFLOW_RENDEZVOUS_FILE.
    ///
    /// Under Slurm, the first node of the step stands for MASTER_ADDR, and a port made of the job and the step for
    /// MASTER_PORT, unless these variables are set.
    ///
    /// - Throws: `RendezvousError` if a variable is missing or wrong.
    public init(environment: [String: String]) throws {
        func number(_ names: String...) throws -> Int {
            for name in names {
                if let value = try RendezvousError.number(name, in: environment) { return value }
            }
            throw RendezvousError(
                "\(names.joined(separator: " or ")) is not set: start the ranks by 'contraflow train', torchrun or srun"
            )
        }
        threads = nil
        rank = try number("RANK", "SLURM_PROCID")
        worldSize = try number("WORLD_SIZE", "SLURM_NTASKS", "SLURM_STEP_NUM_TASKS")
        guard rank < worldSize else {
            throw RendezvousError("RANK is \(rank), but WORLD_SIZE is \(worldSize): ranks count from 0")
        }
        let local = ["LOCAL_RANK", "SLURM_LOCALID"].filter { environment[$0] != nil }
        localRank = try local.first.map { try number($0) }
        // A launcher that assigns devices shows each rank one device; other launchers show all devices to all ranks.
        seesOwnDevice = environment["CUDA_VISIBLE_DEVICES"].map { !$0.isEmpty && !$0.contains(",") } ?? false
        let localSize = environment["LOCAL_WORLD_SIZE"].flatMap { Int($0) }
        isOneMachine =
            environment["CONTRAFLOW_RENDEZVOUS_FILE"] != nil || localSize == worldSize
            || localSize == nil && environment["SLURM_NNODES"] == "1"
        heartbeat = try RankHeartbeat(rank: rank, worldSize: worldSize, environment: environment)
        if let path = environment["CONTRAFLOW_RENDEZVOUS_FILE"] {
            rendezvous = .file(path)
            return
        }
        let hasAgent = environment["TORCHELASTIC_USE_AGENT_STORE"] == "True"
        rendezvous = .server(
            try RendezvousServer(environment: environment), isOurs: rank == 0 && !hasAgent,
            host: environment["CONTRAFLOW_HOST"])
    }

    /// Joins the rendezvous of all ranks and returns the factory of their process groups.
    package func rendezvous(timeoutMilliseconds: Int = 600_000) throws -> ProcessGroupFactory {
        let store: RendezvousStore
        let host: String
        // torchrun keeps its server over restarts, so each attempt needs keys of its own.
        let attempt = ProcessInfo.processInfo.environment["TORCHELASTIC_RESTART_COUNT"] ?? "0"
        let count = rendezvousCount.next()
        let prefix = "contraflow-\(attempt)-\(count)"
        switch rendezvous {
        case .file(let path):
            store = try .file(path, worldSize: worldSize)
            host = "127.0.0.1"
        case .server(let server, let isOurs, let ownHost):
            let opened = try server.store(
                isOurs: isOurs, worldSize: worldSize, timeoutMilliseconds: timeoutMilliseconds)
            store = opened.store
            host = ownHost ?? opened.ownAddress
            try server.waitForRanks(worldSize, rank: rank, in: store.prefixed(prefix))
            heartbeat.observe(through: server, prefix: "contraflow-\(attempt)-heartbeats")
        }
        let isOnCPU = Device.current == .cpu
        let threads = copiesBetweenThreads || !isOnCPU ? self.threads : nil
        return ProcessGroupFactory(
            rank: rank, page: heartbeat.page, store: try store.prefixed(prefix), host: host,
            threads: threads.map { "\($0)-\(count)" }, timeoutMilliseconds: timeoutMilliseconds, hasTags: hasTags,
            sharesMemory: sharesMemory && isOnCPU && threads == nil, sharedExchangeBytes: sharedExchangeBytes)
    }
}

/// A counter from 0 that all copies of a context share.
private final class RendezvousCount: Sendable {
    private let count = Atomic(0)

    func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).oldValue }
}
