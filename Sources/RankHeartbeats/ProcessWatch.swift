import CProcessDescriptors
import Foundation
import Synchronization

/// The processes of ranks of this machine. A process has ended when it runs no more, whether or not its parent has
/// reaped it.
package final class ProcessWatch: Sendable {
    private struct Watched {
        let rank: Int
        let process: pid_t
        /// The descriptor of the process; -1 if the system offers none.
        let descriptor: Int32
        var hasEnded = false
    }

    private let watched = Mutex<[Watched]>([])

    package init() {}

    deinit { watched.withLock { for entry in $0 where entry.descriptor >= 0 { close(entry.descriptor) } } }

    /// Adds the process of a rank, unless the rank has one.
    package func add(rank: Int, process: Int32) {
        watched.withLock { watched in
            guard !watched.contains(where: { $0.rank == rank }) else { return }
            let descriptor = cpd_open_process(process)
            watched.append(
                Watched(
                    rank: rank, process: process, descriptor: descriptor, hasEnded: descriptor < 0 && errno == ESRCH))
        }
    }

    /// Waits until a process ends, at most for `milliseconds`.
    ///
    /// - Returns: All ranks whose processes have ended.
    package func wait(milliseconds: Int32) -> Set<Int> {
        let running = watched.withLock { $0.filter { !$0.hasEnded && $0.descriptor >= 0 } }
        var polled = running.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        poll(&polled, nfds_t(polled.count), milliseconds)
        return watched.withLock { watched in
            for (index, entry) in watched.enumerated() where !entry.hasEnded {
                watched[index].hasEnded = cpd_has_ended(entry.process, entry.descriptor) != 0
            }
            return Set(watched.lazy.filter(\.hasEnded).map(\.rank))
        }
    }

    /// Returns whether a signal, such as SIGSTOP, has stopped the process of a rank.
    package func isStopped(rank: Int) -> Bool {
        guard let entry = watched.withLock({ $0.first { $0.rank == rank } }) else { return false }
        return cpd_process_state(entry.process) == CChar(UInt8(ascii: "T"))
    }
}
