import Foundation
import RankHeartbeats
import Subprocess
import SystemPackage
import TrainingRuns

/// The worker processes of a run, one per rank.
struct RankProcess: Sendable {
    /// The handle of a running worker.
    typealias Running = Execution<NoInput, SequenceOutput, FileDescriptorOutput>

    let worldSize: Int
    let worker: WorkerProgram
    let folder: RunFolder
    let recipe: URL
    let store: URL
    let heartbeats: HeartbeatFile
    let monitor: HeartbeatMonitor
    /// Whether the logs keep what earlier processes of the run have written.
    let keepsLogs: Bool
    let events: AsyncStream<RunEvent>.Continuation

    /// Runs the worker of a rank. Its start, its end and, for rank 0, each line of its output become events.
    func run(_ rank: Int) async {
        do {
            let log = try OpenFolder(folder.url).appending(
                to: folder.log(rank: rank).lastPathComponent, isEmpty: !keepsLogs)
            let result = try await Subprocess.run(
                .path(FilePath(worker.path)),
                arguments: Arguments(["--recipe", recipe.path, "--folder", folder.url.path]),
                environment: environment(of: rank), platformOptions: WorkerProgram.options, input: .none,
                output: .sequence,
                error: .fileDescriptor(FileDescriptor(rawValue: log.descriptor), closeAfterSpawningProcess: false)
            ) { process in
                monitor.add(rank: rank, process: process.processIdentifier.value)
                events.yield(.started(rank: rank, process))
                for try await line in process.standardOutput.strings() where rank == 0 { events.yield(.line(line)) }
            }
            withExtendedLifetime(log) {}
            events.yield(.ended(rank: rank, result.terminationStatus))
        } catch {
            events.yield(.notStarted(error))
        }
    }

    private func environment(of rank: Int) -> Environment {
        .inherit.updating([
            "RANK": String(rank), "WORLD_SIZE": String(worldSize), "LOCAL_RANK": String(rank),
            "CONTRAFLOW_RENDEZVOUS_FILE": store.path, "CONTRAFLOW_LAUNCHER": String(getpid()),
            "OMP_NUM_THREADS": "1", .init(stringLiteral: HeartbeatFile.variable): heartbeats.path,
            // Ranks of one machine use only the loopback interface, also with NCCL.
            "NCCL_SOCKET_IFNAME": ProcessInfo.processInfo.environment["NCCL_SOCKET_IFNAME"] ?? "lo",
        ])
    }
}
