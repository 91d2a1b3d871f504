import Foundation
import Synchronization

/// A request to stop this process by a signal. The current step is finished and a checkpoint is saved first.
package enum StopRequest {
    /// The signals that ask for a stop: Ctrl-C, the signal that schedulers send before they end a job, and the signal
    /// that users of Slurm ask for with `--signal`.
    package static let signals = [SIGINT, SIGTERM, SIGUSR1]
    private static let received = Atomic<Int32>(0)

    /// Takes signals as requests from now on. A second signal ends the process at once. Before the call, the first one
    /// does, because there is nothing to save.
    package static func listen() {
        for number in signals {
            signal(number) { number in
                // A signal handler may use only lock-free atomics and async-signal-safe functions.
                StopRequest.received.store(number, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
    }

    /// One number per signal, 1 if this rank has received it. The ranks sum the numbers.
    static var flags: [Double] {
        let number = received.load(ordering: .relaxed)
        return signals.map { $0 == number ? 1 : 0 }
    }

    /// Returns the first of ``signals`` that a rank has received; nil if no rank has received any.
    static func first(_ sums: some Collection<Double>) -> Int32? {
        zip(signals, sums).first { $0.1 > 0 }?.0
    }
}
