import Foundation
import LibTorch
import RankHeartbeats
import Synchronization

/// The heartbeats of ranks that no launcher of ours observes, through a connection of their own to the store of the
/// rendezvous.
///
/// Each rank publishes its state once per second. Rank 0 reads the states of all ranks, and publishes the first loss;
/// the other ranks read that and the state of rank 0, so that the traffic of the store grows with the number of ranks
/// only. An operation of the store may block for any time, so that a second thread judges the ages.
final class StoreHeartbeat: Sendable {
    /// The results of the exchanges with the store.
    private struct State {
        var beats: [RankBeat]
        /// The message of the loss that rank 0 has published, or has to publish.
        var loss: String?
        /// The time of the last exchange, since the start; nil before the first.
        var exchanged: Duration?
        /// Whether the connection to the store has failed.
        var hasFailed = false
    }

    /// The time for which rank 0 publishes a loss before it ends, because the store may end with rank 0.
    private static let farewell = 2.5

    private let rank: Int
    private let page: BeatPage
    private let server: RendezvousServer
    private let prefix: String
    private let limits: HeartbeatLimits
    private let state: Mutex<State>
    private let origin = ContinuousClock.now
    private let wake = DispatchSemaphore(value: 0)
    private let isDone = DispatchSemaphore(value: 0)

    init(
        rank: Int, worldSize: Int, page: BeatPage, server: RendezvousServer, prefix: String, limits: HeartbeatLimits
    ) {
        self.rank = rank
        self.page = page
        self.server = server
        self.prefix = prefix
        self.limits = limits
        state = Mutex(State(beats: Array(repeating: RankBeat(), count: worldSize)))
    }

    func start(_ end: @escaping RankHeartbeat.End) {
        Thread.detachNewThread { [self] in
            do {
                try exchange()
            } catch {
                state.withLock { $0.hasFailed = true }
            }
            isDone.signal()
        }
        Thread.detachNewThread { [self] in observe(end) }
    }

    /// Publishes that the rank is done. Waits a little for the store.
    func finish() {
        wake.signal()
        _ = isDone.wait(timeout: .now() + 2)
    }

    private var now: Duration { origin.duration(to: .now) }

    // MARK: Exchanging

    private func key(_ rank: Int) -> String { "\(prefix)/\(rank)" }
    private var lossKey: String { "\(prefix)/loss" }

    /// Exchanges states until the rank is done.
    private func exchange() throws {
        let milliseconds = Int(min(limits.budget(.start), .seconds(86_400)).components.seconds) * 1000
        let ranks = state.withLock { $0.beats.indices }
        let store = try server.client(worldSize: ranks.count, timeoutMilliseconds: milliseconds)
        let read = rank == 0 ? Array(ranks) : [0]
        if rank == 0 {
            for rank in ranks { try store.addKey(key(rank)) }
            try store.addKey(lossKey)
        }
        let keys = read.map(key) + [lossKey]
        while true {
            page.beat()
            let own = page.reading(ofRank: rank)
            try store.set(key(rank), Array(JSONEncoder().encode(own)))
            if rank == 0, let loss = state.withLock({ $0.loss }) { try store.set(lossKey, Array(loss.utf8)) }
            let values = try store.values(of: keys)
            state.withLock { state in
                for (rank, value) in zip(read, values) {
                    state.beats[rank] =
                        (try? JSONDecoder().decode(RankBeat.self, from: Data(value))) ?? state.beats[rank]
                }
                state.beats[rank] = own
                let loss = String(decoding: values[read.count], as: UTF8.self)
                if loss != "-" { state.loss = loss }
                state.exchanged = now
            }
            if own.phase == .done { return }
            _ = wake.wait(timeout: .now() + 1)
        }
    }

    // MARK: Observing

    /// Judges the ages of heartbeats until the rank is done.
    private func observe(_ end: RankHeartbeat.End) {
        var observer = HeartbeatObserver(limits)
        var last = now
        while page.phase != .done {
            Thread.sleep(forTimeInterval: 0.5)
            let now = now
            let wasStopped = now - last > limits.longestGap
            last = now
            let state = state.withLock { state in
                if wasStopped, state.exchanged != nil { state.exchanged = now }
                return state
            }
            let readings = state.beats.map { HeartbeatObserver.Reading($0, hasEnded: $0.phase == .done) }
            if let message = state.loss ?? lostStore(state, at: now) ?? observer.loss(readings, at: now)?.description {
                if rank == 0 {
                    self.state.withLock { $0.loss = message }
                    wake.signal()
                    Thread.sleep(forTimeInterval: Self.farewell)
                }
                guard page.phase != .done else { return }
                return end(message)
            }
        }
    }

    /// The message of a store that does not answer; nil if it does. The store may end with rank 0, so that a rank that
    /// is about to be done has a little time. Rank 0 may begin much later than other ranks.
    private func lostStore(_ state: State, at now: Duration) -> String? {
        let age = state.exchanged == nil ? limits.budget(.start) : limits.age
        let limit = state.hasFailed ? min(age, .seconds(5)) : age
        let silence = now - (state.exchanged ?? .zero)
        guard silence >= limit else { return nil }
        return
            "the host of rank 0 (\(server.host):\(server.port)) has not answered for \(silence.components.seconds) s: "
            + "rank 0 has ended or is stopped, or its host is down or cut off from rank \(rank)"
    }
}
