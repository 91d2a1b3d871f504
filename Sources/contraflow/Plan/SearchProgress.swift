import Foundation

/// How far a search has come, on one line of a terminal; nothing where standard error is none.
struct SearchProgress {
    private let placement: String
    private let isShown = isatty(STDERR_FILENO) == 1
    private var next = ContinuousClock.now
    private var hasLine = false

    init(_ placement: String) {
        self.placement = placement
    }

    /// Shows the best makespan so far, in nanoseconds, and its distance from the bound; a few times a second at most.
    mutating func show(best: Int64, evaluations: Int, bound: Int64, at now: ContinuousClock.Instant) {
        guard isShown, now >= next, best < .max else { return }
        next = now + .milliseconds(200)
        hasLine = true
        let gap = 100 * (Double(best) / Double(max(bound, 1)) - 1)
        let text = "\(placement): \(Self.rounded(Double(best) / 1e6)) ms, \(Self.rounded(gap)) % above the bound, "
        writeError("\r\u{1B}[K\(text)\(evaluations) schedules tried")
    }

    /// Takes the line away.
    mutating func clear() {
        if hasLine { writeError("\r\u{1B}[K") }
        hasLine = false
    }

    private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
