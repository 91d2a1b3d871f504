import Foundation
package import RankHeartbeats
import Synchronization

/// The heartbeat of this rank: its page, and the threads that publish the page and observe other ranks.
package final class RankHeartbeat: Sendable {
    /// A function that ends the process because a rank is lost. It does not return.
    package typealias End = @Sendable (_ message: String) -> Void

    /// The page on which the rank publishes its state.
    package let page: BeatPage
    private let rank, worldSize: Int
    /// The pages of all ranks, if `contraflow train` started this rank.
    private let file: HeartbeatFile?
    private let limits: HeartbeatLimits
    private let end = Mutex<End?>(nil)
    private let store = Mutex<StoreHeartbeat?>(nil)

    /// Creates a page that no other process observes.
    init(rank: Int, worldSize: Int) {
        (self.rank, self.worldSize) = (rank, worldSize)
        file = nil
        limits = HeartbeatLimits()
        page = BeatPage(worldSize: worldSize)
    }

    /// Opens the page that the launcher has created; without a launcher, creates a page.
    init(rank: Int, worldSize: Int, environment: [String: String]) throws {
        (self.rank, self.worldSize) = (rank, worldSize)
        do {
            limits = try HeartbeatLimits(environment: environment)
            file = try environment[HeartbeatFile.variable].map { path throws(HeartbeatError) in
                try HeartbeatFile.open(path, worldSize: worldSize)
            }
        } catch {
            throw RendezvousError(error.description)
        }
        page = file?.pages[rank] ?? BeatPage(worldSize: worldSize)
    }

    /// Starts to publish heartbeats and to observe the other ranks: at once if `contraflow train` started them,
    /// otherwise with the rendezvous.
    ///
    /// - Parameter end: Ends the process if a rank is lost.
    package func start(_ end: @escaping End) {
        page.identify()
        self.end.withLock { $0 = end }
        guard let file else { return }
        // The launcher is the first to judge a rank. If the launcher is itself stopped, the ranks judge.
        let limits = HeartbeatLimits(age: limits.age + .seconds(1))
        HeartbeatMonitor(file, rank: rank, limits: limits).start { finding in
            if case .lost(let loss) = finding { end("\(loss)") }
        }
    }

    /// Publishes that the rank is done, so that the end of its process is no loss.
    package func finish() {
        page.phase = .done
        store.withLock { $0 }?.finish()
    }

    /// Starts to publish and observe heartbeats through the store of `server`, unless that has begun or the rank has
    /// not been started.
    func observe(through server: RendezvousServer, prefix: String) {
        guard let end = end.withLock({ $0 }), worldSize > 1 else { return }
        store.withLock { store in
            guard store == nil else { return }
            store = StoreHeartbeat(
                rank: rank, worldSize: worldSize, page: page, server: server, prefix: prefix, limits: limits)
            store?.start(end)
        }
    }
}
