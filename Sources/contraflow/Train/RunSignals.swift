import ArgumentParser
import Foundation
import Synchronization

/// The signals that ask for the end of a run, delivered to its present attempt. Before the first attempt they end this
/// process at once, after the programs that it has started.
final class RunSignals: Sendable {
    /// What a signal does.
    private enum Reaction {
        case endProcess
        /// Cancels a program that runs before the first attempt.
        case cancel(Task<Void, any Error>)
        case deliver(AsyncStream<RunEvent>.Continuation)
    }

    private struct State {
        var reaction = Reaction.endProcess
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
                switch $0.reaction {
                case .endProcess: _exit(128 + number)
                case .cancel(let task): task.cancel()
                case .deliver(let queue): queue.yield(.interrupted(number))
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
        // A signal waits for the lock, so that it cancels the task as soon as there is one.
        let task = state.withLock {
            let task = Task(operation: body)
            $0.reaction = .cancel(task)
            return task
        }
        let result = await task.result
        let received = state.withLock {
            $0.reaction = .endProcess
            return $0.received.first
        }
        if let received { throw ExitCode(128 + received) }
        try result.get()
    }

    /// Delivers signals as events to `queue` from now on, beginning with those that were received before.
    func deliver(to queue: AsyncStream<RunEvent>.Continuation) {
        state.withLock {
            $0.received.forEach { queue.yield(.interrupted($0)) }
            $0.reaction = .deliver(queue)
        }
    }
}
