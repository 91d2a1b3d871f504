import Foundation
import Synchronization

/// Whether Ctrl-C was pressed, or an end asked for, since somebody began to watch.
enum Interruption {
    /// The signal that came; 0 before.
    private static let number = Atomic<Int32>(0)

    static var isRequested: Bool { number.load(ordering: .relaxed) != 0 }

    /// What the process ends with once it has written what it had: 130 after Ctrl-C, 143 after SIGTERM; nil where
    /// neither came.
    static var exitCode: Int32? {
        let number = number.load(ordering: .relaxed)
        return number == 0 ? nil : 128 + number
    }

    /// From now on Ctrl-C and SIGTERM are noted instead of ending the process; the second one ends it.
    static func watch() {
        let watched = [SIGINT, SIGTERM].filter { !SignalWatch.isIgnored($0) }
        for number in watched {
            signal(number) { number in
                Interruption.number.store(number, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
        SignalWatch.unblock(watched)
    }
}
