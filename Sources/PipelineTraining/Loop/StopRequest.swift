import DistributedRuntime
import Foundation
import Synchronization

/// A request to stop this process. The current step is finished and a checkpoint is saved first.
package enum StopRequest {
    private static let isMade = Atomic<Bool>(false)

    /// Takes SIGTERM, which schedulers send before they end a job, and Ctrl-C as requests. A second signal ends the
    /// process at once.
    ///
    /// - Parameter hasLauncher: Whether `contraflow train` started the rank. Its ranks ignore Ctrl-C, because the
    ///   launcher turns Ctrl-C into one SIGTERM per rank.
    package static func listen(hasLauncher: Bool) {
        if hasLauncher { signal(SIGINT, SIG_IGN) }
        for number in hasLauncher ? [SIGTERM] : [SIGINT, SIGTERM] {
            signal(number) { number in
                // A signal handler may use only lock-free atomics and async-signal-safe functions.
                StopRequest.isMade.store(true, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
    }

    static var isPending: Bool { isMade.load(ordering: .relaxed) }
}
