import Foundation
import Synchronization

/// Observes the ranks of one machine on a thread of its own, and publishes the heartbeats of its own rank.
package final class HeartbeatMonitor: Sendable {
    /// A finding of the monitor.
    package enum Finding: Sendable {
        /// Processes of ranks have ended since the last reading.
        case ended(Set<Int>)
        /// A rank is lost. The monitor has stopped.
        case lost(RankLoss)
    }

    private let file: HeartbeatFile
    /// The rank whose heartbeats the monitor publishes; nil for the launcher.
    private let rank: Int?
    private let limits: HeartbeatLimits
    private let processes = ProcessWatch()
    private let isStopped = Atomic(false)

    package init(_ file: HeartbeatFile, rank: Int?, limits: HeartbeatLimits) {
        self.file = file
        self.rank = rank
        self.limits = limits
    }

    /// Adds the process of a rank before it has published itself.
    package func add(rank: Int, process: Int32) { processes.add(rank: rank, process: process) }

    /// Starts the thread, which reports to `report`.
    package func start(_ report: @escaping @Sendable (Finding) -> Void) {
        Thread.detachNewThread { [self] in run(report) }
    }

    /// Stops the thread at its next reading.
    package func stop() { isStopped.store(true, ordering: .relaxed) }

    private func run(_ report: (Finding) -> Void) {
        let origin = ContinuousClock.now
        var observer = HeartbeatObserver(limits)
        var ended: Set<Int> = []
        while true {
            if let rank { file.pages[rank].beat() }
            let new = processes.wait(milliseconds: rank == nil ? 250 : 500).subtracting(ended)
            ended.formUnion(new)
            if isStopped.load(ordering: .relaxed) { return }
            if !new.isEmpty { report(.ended(new)) }
            let readings = file.pages.indices.map { reading(ofRank: $0, ended) }
            for (rank, reading) in readings.enumerated() where reading.beat.process != 0 && rank != self.rank {
                processes.add(rank: rank, process: reading.beat.process)
            }
            // A rank that is done publishes heartbeats until its process ends.
            if let rank, readings[rank].beat.phase == .done { continue }
            if let loss = observer.loss(readings, at: origin.duration(to: .now)) { return report(.lost(loss)) }
        }
    }

    private func reading(ofRank rank: Int, _ ended: Set<Int>) -> HeartbeatObserver.Reading {
        var beat = file.pages[rank].reading(ofRank: rank)
        // The launcher learns from the status of a process whether its end is a loss.
        if self.rank == nil, ended.contains(rank) { beat.phase = .done }
        return HeartbeatObserver.Reading(
            beat, hasEnded: ended.contains(rank), isStopped: beat.beats == 0 && processes.isStopped(rank: rank))
    }
}
