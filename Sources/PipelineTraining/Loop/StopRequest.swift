import DistributedRuntime
import Foundation
import Synchronization

/// Whether somebody has asked this process to end: the step under way is finished, and what was learned is saved.
package enum StopRequest {
    private static let isMade = Atomic<Bool>(false)

    /// Takes what a scheduler sends before it ends a job as a request, and Ctrl-C too; a second one ends the process at
    /// once.
    ///
    /// - Parameter hasLauncher: Whether a launcher of ours turns Ctrl-C, which reaches all processes of a terminal, into
    ///   one request a rank.
    package static func listen(hasLauncher: Bool) {
        if hasLauncher { signal(SIGINT, SIG_IGN) }
        for number in hasLauncher ? [SIGTERM] : [SIGINT, SIGTERM] {
            signal(number) { number in
                // Nothing but an atomic store and a system call is safe here.
                StopRequest.isMade.store(true, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
    }

    static var isPending: Bool { isMade.load(ordering: .relaxed) }
}
