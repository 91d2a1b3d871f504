import Foundation
import Synchronization

/// The signals that ask for the end of a run, delivered to its present attempt.
final class RunSignals: Sendable {
    private struct State {
        var queue: AsyncStream<RunEvent>.Continuation?
        /// The signals so far.
        var received: [Int32] = []
    }

    private let state = Mutex(State())

    init() {
        // A run that was started by nohup must survive the end of its terminal.
        let numbers = [SIGINT, SIGTERM, SIGUSR1] + (SignalWatch.isIgnored(SIGHUP) ? [] : [SIGHUP])
        SignalWatch.begin(numbers) { [self] number in
            state.withLock {
                $0.received.append(number)
                $0.queue?.yield(.interrupted(number))
            }
        }
        SignalWatch.survivePipes()
    }

    /// Delivers signals as events to `queue` from now on, beginning with those that were received before.
    func deliver(to queue: AsyncStream<RunEvent>.Continuation) {
        state.withLock {
            $0.received.forEach { queue.yield(.interrupted($0)) }
            $0.queue = queue
        }
    }
}
