import Foundation
import Synchronization

/// Signals as calls on a thread of their own.
///
/// The signals are caught, not ignored, because what is ignored stays so in every process that is started: a rank could
/// not be ended by hand.
enum SignalWatch {
    /// Where the handler writes a signal's number to.
    private static let writingEnd = Atomic<Int32>(-1)

    /// From now on gives `body` each of the signals that comes.
    static func begin(_ numbers: [Int32], _ body: @escaping @Sendable (Int32) -> Void) {
        let pipe = Pipe()
        let (reading, writing) = (pipe.fileHandleForReading, pipe.fileHandleForWriting)
        writingEnd.store(writing.fileDescriptor, ordering: .relaxed)
        Thread.detachNewThread {
            // The pipe lives as long as this thread, which is as long as the process.
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

    /// Lets signals through on the calling thread: whoever starts this process from a thread that takes none hands its mask on.
    static func unblock(_ numbers: [Int32]) {
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        for number in numbers { sigaddset(&unblocked, number) }
        pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
    }

    /// Has writing to a closed pipe fail instead of ending this process; those that it starts still end.
    static func survivePipes() {
        signal(SIGPIPE) { _ in }
    }

    /// Whether whoever started this process has it ignore a signal, as `nohup` does.
    static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
