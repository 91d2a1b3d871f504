import CommandUsage
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
    /// The time at which the first step was shown.
    private var shown = Date()
    private var last: StepMetrics?
    private var validationLoss: Double?
    private var trainingSeconds = 0.0
    /// The number of steps so far, without the steps before a resumption.
    private var steps = 0
    /// Whether the line of the progress bar has not ended.
    private var isLineOpen = false
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
        if last == nil { shown = Date() }
        last = metrics
        steps += 1
        trainingSeconds += metrics.seconds
        let isValidated = metrics.validationLoss != nil
        if isValidated { validationLoss = metrics.validationLoss }
        if isTerminal {
            let line = ProgressLine(metrics, steps: recipe.training.steps, left: secondsLeft(metrics), hasBar: true)
            // The line of a validation stays on the screen.
            clear()
            say(line.text(width: terminalWidth) + (isValidated ? "\n" : ""))
            isLineOpen = !isValidated
        } else if isValidated || metrics.step == 1 || metrics.step.isMultiple(of: plainInterval) {
            let line = ProgressLine(metrics, steps: recipe.training.steps, left: secondsLeft(metrics), hasBar: false)
            say(line.text() + "\n")
        }
    }

    /// Ends the line of the progress bar.
    mutating func stop() {
        if isLineOpen { say("\n") }
        isLineOpen = false
    }

    mutating func summarize(isWhole: Bool) {
        if let last {
            var text = "\(isWhole ? "done" : "interrupted"): \(counted(steps, "step")) in "
            text += "\(Date().timeIntervalSince(started).duration), loss \(last.loss.fixed(3))"
            if let validationLoss { text += ", validation loss \(validationLoss.fixed(3))" }
            let speed = Int(Double(steps * last.tokens) / trainingSeconds)
            say(text + "; the steps alone took \(trainingSeconds.duration), \(speed) tokens/s\n")
        } else {
            say("interrupted before the first step\n")
        }
        RunResults(recipe: recipe, folder: folder).lines(isWhole: isWhole).forEach { say($0 + "\n") }
    }

    /// Whether no step has been trained.
    var isEmpty: Bool { last == nil }

    /// The estimated time until the end, in seconds, validations and checkpoints included.
    private func secondsLeft(_ metrics: StepMetrics) -> Double {
        let perStep = steps > 1 ? Date().timeIntervalSince(shown) / Double(steps - 1) : metrics.seconds
        return Double(recipe.training.steps - metrics.step) * perStep
    }

    private var plainInterval: Int {
        recipe.metrics.logFreq > 0 ? recipe.metrics.logFreq : max(recipe.training.steps / 20, 1)
    }

    /// The number of characters that fit in one line.
    private var terminalWidth: Int {
        var size = winsize()
        guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return .max }
        return Int(size.ws_col) - 1
    }

    /// Deletes the line of the progress bar.
    private mutating func clear() {
        if !writeError("\r\u{1B}[K") { hasLostReader = true }
    }

    private mutating func say(_ text: String) {
        if !writeError(text.printableLines) { hasLostReader = true }
    }
}
