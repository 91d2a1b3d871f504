import Foundation
import Synchronization

/// Whether somebody has asked this process to end: the step under way is finished, and what was learned is saved.
package enum StopRequest {
    private static let isMade = Atomic<Bool>(false)

    /// Takes Ctrl-C, and what a scheduler sends before it ends a job, as a request; a second one ends the process at once.
    package static func listen() {
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                // Nothing but an atomic store and a system call is safe here.
                StopRequest.isMade.store(true, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
    }

    static var isPending: Bool { isMade.load(ordering: .relaxed) }
}
