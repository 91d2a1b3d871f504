import Foundation
import Synchronization

/// Whether Ctrl-C was pressed, or an end asked for, since somebody began to watch.
enum Interruption {
    /// The signal that came; 0 before.
    private static let number = Atomic<Int32>(0)

    static var isRequested: Bool { number.load(ordering: .relaxed) != 0 }

    /// What the process ends with once it has written what it had: 130 after Ctrl-C, 143 after SIGTERM; nil where neither
    /// came.
    static var exitCode: Int32? {
        let number = number.load(ordering: .relaxed)
        return number == 0 ? nil : 128 + number
    }

    /// From now on Ctrl-C and SIGTERM are noted instead of ending the process; the second one ends it.
    static func watch() {
        // Whoever starts this process from a thread that takes no signals hands its mask on.
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        for number in [SIGINT, SIGTERM] where !SignalWatch.isIgnored(number) {
            sigaddset(&unblocked, number)
            signal(number) { number in
                Interruption.number.store(number, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
        pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
    }
}
