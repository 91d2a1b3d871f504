import ArgumentParser
import Foundation
import Subprocess
import TrainingRecipes
import TrainingRuns

/// The course of a run, event by event: its progress, a request to end, the first rank that fails.
struct RunWatch {
    /// The exit code after a rank has failed.
    static let rankFailure = ExitCode(70)

    private let worldSize: Int
    private let folder: RunFolder
    private let queue: AsyncStream<RunEvent>.Continuation
    private var progress: TrainingProgress
    private var running: [Int: RankProcess.Running] = [:]
    private var ended: [Int: TerminationStatus] = [:]
    /// The rank that was the first to fail.
    private var failed: Int?
    /// The signal that asked for an end.
    private var request: Int32?

    init(recipe: Recipe, folder: RunFolder, queue: AsyncStream<RunEvent>.Continuation) {
        worldSize = recipe.grid.worldSize
        self.folder = folder
        self.queue = queue
        progress = TrainingProgress(recipe: recipe, folder: folder)
        progress.begin()
    }

    /// Takes an event; true if the run has ended as it should.
    ///
    /// - Throws: `ExitCode` after a rank has failed or a signal has asked for an end.
    mutating func isLast(_ event: RunEvent) throws -> Bool {
        switch event {
        case .started(let rank, let process):
            running[rank] = process
            if request != nil { requestEnd(of: process) }
        case .notStarted(let error):
            throw error
        case .line(let line):
            try show(line)
        case .ended(let rank, let status):
            running[rank] = nil
            ended[rank] = status
            if status != .exited(0), status != .signaled(SIGTERM) || request == nil { fail(rank) }
        case .settled:
            throw failure()
        case .interrupted(let number):
            try interrupt(number)
        }
        guard ended.count == worldSize, failed == nil else { return false }
        progress.stop()
        progress.summarize(isWhole: request == nil)
        if let request { throw ExitCode(128 + request) }
        return true
    }

    private mutating func show(_ line: String) throws {
        guard let metrics = try? JSONDecoder().decode(StepMetrics.self, from: Data(line.utf8)) else {
            throw CommandError("rank 0 has written what is no line of metrics: \(line)")
        }
        progress.show(metrics)
        // A closed pipe ends the run, but what was learned is saved.
        if progress.hasLostReader, request == nil { try interrupt(SIGPIPE) }
    }

    private mutating func interrupt(_ number: Int32) throws {
        progress.stop()
        guard request == nil else {
            progress.summarize(isWhole: false)
            throw ExitCode(128 + number)
        }
        request = number
        note("ending after this step; once more ends at once")
        running.values.forEach(requestEnd)
    }

    /// Asks a rank to end after the step under way, and to save what was learned.
    private func requestEnd(of process: RankProcess.Running) {
        try? process.send(signal: .terminate)
    }

    private mutating func fail(_ rank: Int) {
        guard failed == nil else { return }
        failed = rank
        progress.stop()
        Task { [queue] in
            try? await Task.sleep(for: .milliseconds(300))
            queue.yield(.settled)
        }
    }

    /// Says which rank failed and why; those that only lost their peers come after the one that was first.
    private func failure() -> ExitCode {
        let causes = ended.keys.sorted().filter { ended[$0]?.isFollowUp == false }
        let rank = failed.flatMap { causes.contains($0) ? $0 : nil } ?? causes.first ?? failed ?? 0
        let reason = lastMessage(ofRank: rank) ?? ended[rank]?.reason ?? "it ended"
        note("Error: rank \(rank) failed: \(reason) (see \(folder.log(rank: rank).relativePath))")
        return Self.rankFailure
    }

    /// The last line that a rank has written to its log, without the word that begins errors.
    private func lastMessage(ofRank rank: Int) -> String? {
        guard let text = try? String(contentsOf: folder.log(rank: rank), encoding: .utf8) else { return nil }
        let lines = text.split(separator: "\n")
        let error = lines.last { $0.hasPrefix("Error: ") }?.dropFirst("Error: ".count)
        return (error ?? lines.last).map(String.init)
    }
}

extension TerminationStatus {
    /// Whether the process ended as it should, or because another had ended before.
    fileprivate var isFollowUp: Bool { self == .exited(0) || self == .exited(RankExit.lostPeer) }

    fileprivate var reason: String {
        switch self {
        case .exited(let status): "it ended with status \(status)"
        case .signaled(let number): "it was ended by signal \(number) (\(String(cString: strsignal(number))))"
        }
    }
}
