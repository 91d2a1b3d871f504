import Foundation
import LibTorch
import Synchronization
import TrainingRecipes

/// Which rank this process is, and where it meets the others, told by the environment.
public struct RankContext: Sendable {
    /// How the ranks meet.
    enum Rendezvous: Sendable {
        /// At a file, on one machine.
        case file(String)
        /// At a server, which this rank runs where it `isOurs`; groups listen at `host`, an address of this machine, or,
        /// where that is nil, at the one on the way to the server.
        case server(RendezvousServer, isOurs: Bool, host: String?)
    }

    /// This process's or thread's rank.
    public let rank: Int
    /// How many ranks there are.
    public let worldSize: Int
    /// Which of its machine's ranks it is; nil where nobody says so.
    let localRank: Int?
    /// Whether whoever started the rank has shown it some devices alone.
    let seesOwnDevice: Bool
    /// Whether groups of CPUs match sends and receives by tag, and not by their order alone as NCCL does.
    package var hasTags = true
    /// Whether ranks of one machine that compute on CPUs sum gradients and exchange tokens in memory that all of them see, instead
    /// of by messages.
    package var sharesMemory = true
    /// The most bytes that a rank sends in an exchange by shared memory: what is larger would take too much of it, and waking
    /// threads matters less to it.
    package var sharedExchangeBytes = 4 << 20
    /// Whether all ranks are on one machine, and so on one clock.
    package let isOneMachine: Bool
    private let rendezvous: Rendezvous
    /// How often the ranks have met so far; each time needs keys of its own.
    private let rendezvousCount = RendezvousCount()

    /// Whether `contraflow train` has started this rank, after it had checked everything that ranks have in common.
    package var hasLauncher: Bool {
        if case .file = rendezvous { true } else { false }
    }

    /// A rank of this machine that meets the others at a file, which is new.
    init(rank: Int, worldSize: Int, rendezvousFile: String) {
        self.rank = rank
        self.worldSize = worldSize
        localRank = rank
        seesOwnDevice = false
        isOneMachine = true
        rendezvous = .file(rendezvousFile)
    }

    /// Whether somebody has started this process as a rank.
    static func isNamed(by environment: [String: String]) -> Bool {
        environment["RANK"] != nil || environment["SLURM_PROCID"] != nil
    }

    /// Reads torchrun's variables, else Slurm's; a launcher of ours sets torchrun's and the file.
    ///
    /// - Throws: `RendezvousError` naming the variable that is missing or wrong.
    public init(environment: [String: String]) throws {
        func number(_ names: String...) throws -> Int {
            for name in names {
                guard let text = environment[name] else { continue }
                guard let value = Int(text), value >= 0 else {
                    throw RendezvousError("\(name) is '\(text)': it must be a whole number")
                }
                return value
            }
            throw RendezvousError(
                "\(names.joined(separator: " or ")) is not set: start the ranks by 'contraflow train', torchrun or srun"
            )
        }
        rank = try number("RANK", "SLURM_PROCID")
        worldSize = try number("WORLD_SIZE", "SLURM_NTASKS")
        guard rank < worldSize else {
            throw RendezvousError("RANK is \(rank), but WORLD_SIZE is \(worldSize): ranks count from 0")
        }
        let local = ["LOCAL_RANK", "SLURM_LOCALID"].filter { environment[$0] != nil }
        localRank = try local.first.map { try number($0) }
        // A launcher that deals out devices does so for each rank apart; one that does not leaves all ranks alike.
        seesOwnDevice = environment["CUDA_VISIBLE_DEVICES"].map { !$0.isEmpty && !$0.contains(",") } ?? false
        let localSize = environment["LOCAL_WORLD_SIZE"].flatMap { Int($0) }
        isOneMachine =
            environment["CONTRAFLOW_RENDEZVOUS_FILE"] != nil || localSize == worldSize
            || localSize == nil && environment["SLURM_NNODES"] == "1"
        if let path = environment["CONTRAFLOW_RENDEZVOUS_FILE"] {
            rendezvous = .file(path)
            return
        }
        guard let server = environment["MASTER_ADDR"] else {
            throw RendezvousError("MASTER_ADDR is not set: it names the host of rank 0")
        }
        let hasAgent = environment["TORCHELASTIC_USE_AGENT_STORE"] == "True"
        rendezvous = .server(
            try RendezvousServer(host: server, port: try number("MASTER_PORT"), environment: environment),
            isOurs: rank == 0 && !hasAgent, host: environment["CONTRAFLOW_HOST"])
    }

    /// Meets the others and returns what makes groups of them.
    package func rendezvous(timeoutMilliseconds: Int = 600_000) throws -> ProcessGroupFactory {
        let store: RendezvousStore
        let host: String
        switch rendezvous {
        case .file(let path):
            store = try .file(path, worldSize: worldSize)
            host = "127.0.0.1"
        case .server(let server, let isOurs, let ownHost):
            let opened = try server.store(
                isOurs: isOurs, worldSize: worldSize, timeoutMilliseconds: timeoutMilliseconds)
            store = opened.store
            host = ownHost ?? opened.ownAddress
        }
        // torchrun keeps one server over restarts, so that each attempt needs keys of its own.
        let attempt = ProcessInfo.processInfo.environment["TORCHELASTIC_RESTART_COUNT"] ?? "0"
        let own = try store.prefixed("contraflow-\(attempt)-\(rendezvousCount.next())")
        return ProcessGroupFactory(
            rank: rank, store: own, host: host, timeoutMilliseconds: timeoutMilliseconds, hasTags: hasTags,
            sharesMemory: sharesMemory && Device.current == .cpu, sharedExchangeBytes: sharedExchangeBytes)
    }
}

/// Counts from 0, shared by all copies of a place.
private final class RendezvousCount: Sendable {
    private let count = Atomic(0)

    func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).oldValue }
}
