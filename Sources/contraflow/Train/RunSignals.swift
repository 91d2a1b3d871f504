import ArgumentParser
import Foundation
import Synchronization

/// The signals that ask for the end of a run, delivered to its present attempt. Before the first attempt they end this
/// process at once, after the programs that it has started.
final class RunSignals: Sendable {
    private struct State {
        /// The cancellation of a program that runs before the first attempt.
        var cancel: (@Sendable () -> Void)?
        var queue: AsyncStream<RunEvent>.Continuation?
        /// The signals so far.
        var received: [Int32] = []
    }

    private let state = Mutex(State())

    @MainActor
    init() {
        // A run that was started by nohup must survive the end of its terminal.
        let numbers = [SIGINT, SIGTERM, SIGUSR1] + (SignalWatch.isIgnored(SIGHUP) ? [] : [SIGHUP])
        SignalWatch.begin(numbers) { [self] number in
            state.withLock {
                $0.received.append(number)
                if let queue = $0.queue {
                    queue.yield(.interrupted(number))
                } else if let cancel = $0.cancel {
                    cancel()
                } else {
                    _exit(128 + number)
                }
            }
        }
        SignalWatch.survivePipes()
        // The backtrace that Swift's runtime would print first takes half a minute.
        signal(SIGQUIT, SIG_DFL)
    }

    /// Runs `body`, which starts programs. A signal cancels it.
    ///
    /// - Throws: `ExitCode` after a signal, or the error of `body`.
    func cancelling(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let task = Task(operation: body)
        state.withLock { $0.cancel = task.cancel }
        let result = await task.result
        let received = state.withLock {
            $0.cancel = nil
            return $0.received.first
        }
        if let received { throw ExitCode(128 + received) }
        try result.get()
    }

    /// Delivers signals as events to `queue` from now on, beginning with those that were received before.
    func deliver(to queue: AsyncStream<RunEvent>.Continuation) {
        state.withLock {
            $0.received.forEach { queue.yield(.interrupted($0)) }
            $0.queue = queue
        }
    }
}
