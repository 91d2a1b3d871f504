import Foundation
import SchedulePlanning

/// How far a search has come, on one line of a terminal; nothing where standard error is none.
struct SearchProgress {
    private let isShown = isatty(STDERR_FILENO) == 1
    private var next = ContinuousClock.now
    private var hasLine = false

    /// Shows the best makespan so far and its distance from the bound; a few times a second at most.
    mutating func show(_ progress: PlacementSearch.Progress) {
        guard isShown, progress.instant >= next, progress.best < .max else { return }
        next = progress.instant + .milliseconds(200)
        hasLine = true
        let gap = hundredths(100 * (Double(progress.best) / Double(max(progress.bound, 1)) - 1))
        let milliseconds = hundredths(Double(progress.best) / 1e6)
        let text = "\(progress.placement.name): \(milliseconds) ms, \(gap) % above the bound, "
        writeError("\r\u{1B}[K\(text)\(progress.evaluations) schedules tried")
    }

    /// Takes the line away.
    mutating func clear() {
        if hasLine { writeError("\r\u{1B}[K") }
        hasLine = false
    }
}

/// A number for prose: rounded to two places.
func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }
