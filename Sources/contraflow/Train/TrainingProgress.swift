import Foundation
import TrainingRecipes
import TrainingRuns

/// The progress of a run on standard error: a progress bar on a terminal, plain lines elsewhere, and a summary at the
/// end.
struct TrainingProgress {
    private let recipe: Recipe
    private let folder: RunFolder
    private let isTerminal = isatty(2) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    private var started = Date()
    private var last: StepMetrics?
    private var validationLoss: Double?
    private var trainingSeconds = 0.0
    /// The number of steps so far, without the steps before a resumption.
    private var steps = 0
    /// Whether a write to standard error has failed, because its reader is gone or its disk is full.
    private(set) var hasLostReader = false

    init(recipe: Recipe, folder: RunFolder) {
        self.recipe = recipe
        self.folder = folder
    }

    mutating func begin() {
        started = Date()
        let layout = recipe.parallelism
        say(
            "\(recipe.job.name): \(recipe.model.totalParameters) parameters on "
                + "\(counted(recipe.grid.worldSize, "rank")) "
                + "(\(layout.pipelineParallelDegree) pipeline x \(layout.expertParallelDegree) experts), "
                + "\(layout.pipelineParallelSchedule), \(counted(recipe.training.steps, "step")); "
                + "\(folder.url.relativePath)\n")
    }

    mutating func show(_ metrics: StepMetrics) {
        last = metrics
        steps += 1
        trainingSeconds += metrics.seconds
        if let loss = metrics.validationLoss { validationLoss = loss }
        if isTerminal {
            say("\r\u{1B}[K" + fitted(bar(metrics) + line(metrics)))
        } else if metrics.validationLoss != nil || metrics.step == 1 || metrics.step.isMultiple(of: plainInterval) {
            say("step \(metrics.step)/\(recipe.training.steps)  \(line(metrics))\n")
        }
    }

    /// Ends the line of the progress bar.
    mutating func stop() {
        if isTerminal && last != nil { say("\n") }
    }

    mutating func summarize(isWhole: Bool) {
        guard let last else {
            say("interrupted before the first step\n")
            return
        }
        let tokens = Double(steps * last.tokens)
        var text = isWhole ? "done: " : "interrupted: "
        text += "\(counted(steps, "step")) in \(duration(Date().timeIntervalSince(started))), "
        text += "\(Int(tokens / trainingSeconds)) tokens/s, loss \(fixed(last.loss, 3))"
        if let validationLoss { text += ", validation loss \(fixed(validationLoss, 3))" }
        say(text + "\n\(folder.url.relativePath)\n")
        if !isWhole { say("to continue: contraflow train --resume \(folder.url.relativePath)\n") }
    }

    private var plainInterval: Int {
        recipe.metrics.logFreq > 0 ? recipe.metrics.logFreq : max(recipe.training.steps / 20, 1)
    }

    private func bar(_ metrics: StepMetrics) -> String {
        let width = 16
        let filled = width * metrics.step / recipe.training.steps
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        return "\(bar) \(metrics.step)/\(recipe.training.steps)  "
    }

    private func line(_ metrics: StepMetrics) -> String {
        var parts = ["loss \(fixed(metrics.loss, 3))"]
        if let validationLoss { parts.append("validation \(fixed(validationLoss, 3))") }
        parts.append("\(Int(Double(metrics.tokens) / metrics.seconds)) tokens/s")
        parts.append("bubble \(metrics.bubble.map(percent) ?? "-")")
        if let hidden = metrics.hiddenCommunication { parts.append("hidden communication \(percent(hidden))") }
        if let most = metrics.exposed?.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) {
            parts.append("exposed \(percent(metrics.exposed?.values.reduce(0, +) ?? 0)), mostly \(most.key)")
        }
        parts.append("expert balance \(fixed(metrics.expertBalance, 2))")
        let left = Double(recipe.training.steps - metrics.step) * trainingSeconds / Double(steps)
        parts.append("\(duration(left)) left")
        return parts.joined(separator: "  ")
    }

    /// Truncates the text to the width of the terminal, so that the progress bar never takes two lines.
    private func fitted(_ text: String) -> String {
        var size = winsize()
        guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return text }
        return String(text.prefix(Int(size.ws_col) - 1))
    }

    private mutating func say(_ text: String) {
        if !writeError(text) { hasLostReader = true }
    }

    private func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
    private func percent(_ share: Double) -> String { String(format: "%.0f %%", 100 * share) }

    private func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        return whole >= 60 ? "\(whole / 60) min \(whole % 60) s" : "\(whole) s"
    }
}
