import ArgumentParser
import Foundation
import RankHeartbeats
import Subprocess
import TrainingRuns

extension RunWatch {
    /// Whether a rank has ended with an error of its own before the first step. It would do so again after a restart.
    var hasRefused: Bool { !isTraining && ended[firstFailed] == .exited(EXIT_FAILURE) }

    /// Prints which rank is lost according to its heartbeat.
    func failure(_ loss: RankLoss) -> ExitCode { failure("\(loss)", rank: loss.rank) }

    /// Prints which rank failed first and why.
    func failure() -> ExitCode {
        let rank = firstFailed
        let message = lastError(ofRank: rank)
        guard case .signaled(let number) = ended[rank] else {
            let reason = message ?? lastLine(ofRank: rank) ?? ended[rank]?.reason ?? "its process ended"
            return failure("rank \(rank) failed: \(reason)", rank: rank)
        }
        let signal = "rank \(rank) was killed by signal \(number) (\(String(cString: strsignal(number))))"
        return failure(message.map { "\(signal): \($0)" } ?? signal, rank: rank)
    }

    private func failure(_ text: String, rank: Int) -> ExitCode {
        note("Error: \(text) (see \(folder.log(rank: rank).relativePath))")
        return Self.rankFailure
    }

    /// The rank whose process ended first, of all ranks that did not end because they lost another. If all lost
    /// another, the first of all.
    private var firstFailed: Int {
        let failures = ended.filter { $0.value != .exited(0) }
        let followUps = Self.stopStatuses + [RankExit.lostPeer]
        let causes = failures.filter { !followUps.map(TerminationStatus.exited).contains($0.value) }
        /// The position of the rank's end. Of ends between two readings, a signal comes first.
        func position(_ rank: Int) -> (Int, Int, Int) {
            let isSignal = if case .signaled = ended[rank] { true } else { false }
            return (order.firstIndex { $0.contains(rank) } ?? .max, isSignal ? 0 : 1, rank == failed ? -1 : rank)
        }
        return (causes.isEmpty ? failures : causes).keys.min { position($0) < position($1) } ?? failed ?? 0
    }

    /// The last error in the log of a rank, without its prefix `Error: `.
    private func lastError(ofRank rank: Int) -> String? {
        lines(ofRank: rank).last { $0.hasPrefix("Error: ") }.map { String($0.dropFirst("Error: ".count)) }
    }

    private func lastLine(ofRank rank: Int) -> String? { lines(ofRank: rank).last.map(String.init) }

    /// The number of bytes at the end of a log that are searched for its error.
    private static let endOfLog = 1 << 16

    /// Returns the lines at the end of a log that the present process of the rank has written.
    private func lines(ofRank rank: Int) -> [Substring] {
        guard let file = log(ofRank: rank) else { return [] }
        let start = max(min(logStarts[rank], file.size), file.size - Self.endOfLog)
        guard let end = try? file.bytes(start..<file.size) else { return [] }
        return String(decoding: end, as: UTF8.self).split(separator: "\n")
    }

    /// Opens the log of a rank; nil if there is none.
    func log(ofRank rank: Int) -> OpenFile? {
        try? OpenFolder(folder.url).file(folder.log(rank: rank).lastPathComponent)
    }
}

extension TerminationStatus {
    fileprivate var reason: String {
        switch self {
        case .exited(let status): "its process exited with status \(status)"
        case .signaled(let number): "signal \(number) ended its process"
        }
    }
}
