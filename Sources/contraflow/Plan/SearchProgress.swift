import Foundation
import SchedulePlanning

/// The progress of a search on one line of the terminal. Prints nothing if standard error is not a terminal.
struct SearchProgress {
    private let isShown = isatty(STDERR_FILENO) == 1
    private var next = ContinuousClock.now
    private var hasLine = false

    /// Shows the best makespan so far and its gap to the bound, at most five times per second.
    mutating func show(_ progress: PlacementSearch.Progress) {
        guard isShown, progress.instant >= next, progress.best < .max else { return }
        next = progress.instant + .milliseconds(200)
        hasLine = true
        let gap = hundredths(100 * (Double(progress.best) / Double(max(progress.bound, 1)) - 1))
        let milliseconds = hundredths(Double(progress.best) / 1e6)
        let text = "\(progress.placement.name): \(milliseconds) ms, \(gap) % above the bound, "
        writeError("\r\u{1B}[K\(text)\(counted(progress.evaluations, "schedule")) tried")
    }

    /// Clears the line.
    mutating func clear() {
        if hasLine { writeError("\r\u{1B}[K") }
        hasLine = false
    }
}

/// Rounds a number to two decimal places, for messages.
func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }
