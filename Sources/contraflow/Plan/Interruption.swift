import Foundation
import Synchronization

/// Whether Ctrl-C was pressed since somebody began to watch.
enum Interruption {
    private static let flag = Atomic<Bool>(false)

    static var isRequested: Bool { flag.load(ordering: .relaxed) }

    /// From now on Ctrl-C sets the flag instead of ending the process; a second one ends it.
    static func watch() {
        signal(SIGINT) { number in
            Interruption.flag.store(true, ordering: .relaxed)
            signal(number, SIG_DFL)
        }
    }
}
