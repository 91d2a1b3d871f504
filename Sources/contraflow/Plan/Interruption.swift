import Foundation
import Synchronization

/// A request to end the process, by Ctrl-C or SIGTERM.
enum Interruption {
    /// The number of the signal that was received; 0 if there was none.
    private static let number = Atomic<Int32>(0)

    static var isRequested: Bool { number.load(ordering: .relaxed) != 0 }

    /// The exit code of a process that was interrupted and has written its results: 130 after Ctrl-C, 143 after
    /// SIGTERM. nil if there was no signal.
    static var exitCode: Int32? {
        let number = number.load(ordering: .relaxed)
        return number == 0 ? nil : 128 + number
    }

    /// Installs handlers that record Ctrl-C and SIGTERM instead of ending the process. A second signal ends the
    /// process.
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
