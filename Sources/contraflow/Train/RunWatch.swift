import ArgumentParser
import Foundation
import RankHeartbeats
import Subprocess
import TrainingRecipes
import TrainingRuns

/// The state of a run, updated by its events: the progress, a request to end, and the first failed rank.
struct RunWatch {
    /// The exit code after a rank has failed.
    static let rankFailure = ExitCode(70)
    /// The exit statuses of a rank that a signal has asked to end: 128 plus the signal.
    static let stopStatuses = stopSignals.map { 128 + $0 }
    /// The signals that ask for the end of a run.
    private static let stopSignals = [SIGINT, SIGTERM, SIGUSR1]
    /// The time that ranks have to end after a signal before the first step.
    private static let startGrace = Duration.seconds(8)

    private let worldSize: Int
    private let isSaving: Bool
    let folder: RunFolder
    private var queue: AsyncStream<RunEvent>.Continuation?
    private var progress: TrainingProgress
    private var running: [Int: RankProcess.Running] = [:]
    private(set) var ended: [Int: TerminationStatus] = [:]
    /// The ranks whose processes have ended, in the order of their ends; those between two readings together.
    private(set) var order: [Set<Int>] = []
    /// The first rank that is known to have failed.
    private(set) var failed: Int?
    /// Whether the present processes have trained a step.
    private(set) var isTraining = false
    /// The signal that asked for the run's end.
    private var request: Int32?
    /// The bytes of each rank's log that earlier processes have written.
    private(set) var logStarts: [Int] = []

    /// Whether the run was asked to end.
    var isAskedToEnd: Bool { request != nil }

    /// Whether the run was asked to end before its first step.
    var isUnused: Bool { request != nil && progress.isEmpty }

    init(recipe: Recipe, folder: RunFolder) {
        worldSize = recipe.grid.worldSize
        isSaving = recipe.checkpoint.enable
        self.folder = folder
        progress = TrainingProgress(recipe: recipe, folder: folder)
        progress.begin()
    }

    /// Prepares for the events of new processes of all ranks.
    ///
    /// - Parameter keepsLogs: Whether the logs keep what earlier processes have written.
    mutating func begin(_ queue: AsyncStream<RunEvent>.Continuation, keepsLogs: Bool) {
        self.queue = queue
        logStarts = (0..<worldSize).map { keepsLogs ? log(ofRank: $0)?.size ?? 0 : 0 }
        running = [:]
        ended = [:]
        order = []
        failed = nil
        isTraining = false
    }

    /// Handles an event. Returns true if the run has ended successfully.
    ///
    /// - Throws: `ExitCode` if a rank has failed, or if the run has ended after a signal.
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
            let signal = Self.stopSignals.first { status == .signaled($0) }
            if let signal, request == nil, !isTraining {
                // The rank did not listen to signals yet.
                try interrupt(signal)
            } else if !isExpected(status) {
                fail(rank)
            }
        case .heartbeats(.ended(let ranks)):
            order.append(ranks)
        case .heartbeats(.lost(let loss)):
            progress.stop()
            throw failure(loss)
        case .settled:
            throw failure()
        case .interrupted(let number):
            try interrupt(number)
        case .startGraceEnded:
            if !isTraining { throw ended(after: request ?? SIGTERM) }
        }
        guard ended.count == worldSize, failed == nil else { return false }
        if let number = request ?? stopSignal { throw ended(after: number) }
        progress.stop()
        progress.summarize(isWhole: true)
        return true
    }

    /// Returns whether a rank may end like this. A signal before the first step ends ranks in any way.
    private func isExpected(_ status: TerminationStatus) -> Bool {
        if request != nil, !isTraining { return true }
        return status == .exited(0) || Self.stopStatuses.contains { status == .exited($0) }
    }

    /// The signal that some rank has received and all ranks have followed; nil if there was none.
    private var stopSignal: Int32? {
        Self.stopStatuses.first { status in ended.values.contains(.exited(status)) }.map { $0 - 128 }
    }

    /// Shows the end of a run that a signal has ended, and returns the exit code.
    private mutating func ended(after number: Int32) -> ExitCode {
        progress.stop()
        progress.summarize(isWhole: false)
        return ExitCode(128 + number)
    }

    private mutating func show(_ line: String) throws {
        if let notice = try? JSONDecoder().decode(RankNotice.self, from: Data(line.utf8)) {
            progress.stop()
            return note("Warning: \(notice.warning)")
        }
        guard let metrics = try? JSONDecoder().decode(StepMetrics.self, from: Data(line.utf8)) else {
            throw CommandError("rank 0 printed a line that is not metrics: \(line)")
        }
        isTraining = true
        progress.show(metrics)
        // A closed pipe ends the run like a signal, so that a checkpoint is saved.
        if progress.hasLostReader, request == nil { try interrupt(SIGPIPE) }
    }

    private mutating func interrupt(_ number: Int32) throws {
        guard request == nil else { throw ended(after: number) }
        progress.stop()
        request = number
        if !isTraining { yield(.startGraceEnded, after: Self.startGrace) }
        note(
            "ending after at most two more steps, \(isSaving ? "with" : "without") a checkpoint; a second signal ends the "
                + "run immediately")
        running.values.forEach(requestEnd)
    }

    /// Asks the rank to save a checkpoint and to end after the current step.
    private func requestEnd(of process: RankProcess.Running) {
        try? process.send(signal: .terminate)
    }

    private mutating func fail(_ rank: Int) {
        guard failed == nil else { return }
        failed = rank
        progress.stop()
        yield(.settled, after: .milliseconds(300))
    }

    private func yield(_ event: RunEvent, after time: Duration) {
        Task { [queue] in
            try? await Task.sleep(for: time)
            queue?.yield(event)
        }
    }
}
