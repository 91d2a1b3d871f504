import Foundation
import Synchronization

/// Delivers signals as calls on a separate thread.
///
/// The signals are caught and not ignored, because child processes inherit ignored signals: a user could not end a rank
/// by such a signal.
enum SignalWatch {
    /// The file descriptor to which the handler writes the number of a signal.
    private static let writingEnd = Atomic<Int32>(-1)

    /// Calls `body` with the number of each signal that is received from now on.
    static func begin(_ numbers: [Int32], _ body: @escaping @Sendable (Int32) -> Void) {
        let pipe = Pipe()
        let (reading, writing) = (pipe.fileHandleForReading, pipe.fileHandleForWriting)
        writingEnd.store(writing.fileDescriptor, ordering: .relaxed)
        Thread.detachNewThread {
            // This thread, and thus the pipe, lives as long as the process.
            withExtendedLifetime(writing) {
                while let byte = (try? reading.read(upToCount: 1))?.first { body(Int32(byte)) }
            }
        }
        unblock(numbers)
        for number in numbers {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                write(SignalWatch.writingEnd.load(ordering: .relaxed), &byte, 1)
            }
        }
    }

    /// Unblocks signals on the calling thread, because a process inherits the signal mask of the thread that starts it.
    static func unblock(_ numbers: [Int32]) {
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        for number in numbers { sigaddset(&unblocked, number) }
        pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
    }

    /// Lets a write to a closed pipe fail instead of ending this process. Child processes keep the default action.
    static func survivePipes() {
        signal(SIGPIPE) { _ in }
    }

    /// Returns whether this process was started with the signal ignored, as by `nohup`.
    static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
