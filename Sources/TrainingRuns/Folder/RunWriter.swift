import Foundation
public import TrainingRecipes

/// The writer of a run's recipe and metrics. Rank 0 uses it, whether Contraflow, torchrun or Slurm launched the ranks.
///
/// Metrics that cannot be written, for example because the disk is full, are kept and written with the next ones.
public final class RunWriter {
    /// The metrics of all steps so far, including those before a continuation.
    public private(set) var steps: [StepMetrics]
    private let folder: RunFolder
    private let warn: (String) -> Void
    /// The file of the metrics; nil if it could not be opened.
    private var metrics: GrowingFile?
    private let events: TensorBoardEvents?
    /// The number of ``steps`` that the file of metrics has.
    private var written = 0
    private var failsToWriteEvents = false

    /// Writes the recipe, with absolute paths, and a copy of the data's tokenizer, and keeps the metrics of the steps up
    /// to `last`.
    ///
    /// - Parameters:
    ///   - folder: The folder of the run, which is created if it does not exist.
    ///   - recipe: The resolved recipe.
    ///   - last: The last step before training continues; 0 for a new run.
    ///   - warn: Receives problems of later writes, in one line each.
    /// - Throws: ``RunFileError`` or a Cocoa error if the recipe or the tokenizer cannot be written.
    public init(
        _ folder: RunFolder, recipe: Recipe, through last: Int, warn: @escaping (String) -> Void = { _ in }
    ) throws {
        try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
        let opened = try OpenFolder(folder.url)
        try opened.write(Data(recipe.withAbsolutePaths().toml().utf8), to: folder.recipe.lastPathComponent)
        try folder.copyTokenizer(of: recipe)
        try folder.copyPlacement(of: recipe)
        self.folder = folder
        self.warn = warn
        steps = folder.readMetrics(through: last)
        events = recipe.metrics.enableTensorboard ? try TensorBoardEvents(in: folder) : nil
        do { try replaceMetrics() } catch { warnOfMetrics(error) }
    }

    /// Replaces the file of metrics.
    private func replaceMetrics() throws {
        metrics = nil
        try folder.write(steps)
        metrics = try OpenFolder(folder.url).appending(to: folder.metrics.lastPathComponent)
        written = steps.count
    }

    private func warnOfMetrics(_ error: any Error) {
        warn("\(error.reason): the metrics are kept and will be written later")
    }

    /// Appends the metrics of a step to `metrics.jsonl` and to the TensorBoard events.
    public func add(_ step: StepMetrics) {
        let isComplete = written == steps.count
        steps.append(step)
        do {
            // After a failure, the file may end with a part of a line.
            if isComplete, let metrics {
                try metrics.append(step.line())
                written = steps.count
            } else {
                try replaceMetrics()
            }
        } catch {
            if isComplete { warnOfMetrics(error) }
        }
        do {
            try events?.add(step)
        } catch {
            if !failsToWriteEvents { warn("the TensorBoard events are not written: \(error.reason)") }
            failsToWriteEvents = true
        }
    }

    /// Forgets the steps after `last`, because training goes back to it.
    ///
    /// - Throws: ``RunFileError`` if the file of metrics cannot be replaced.
    public func rewind(to last: Int) throws {
        steps.removeAll { $0.step > last }
        try replaceMetrics()
    }

    /// Writes the metrics that could not be written before.
    public func finish() {
        guard written < steps.count else { return }
        do { try replaceMetrics() } catch { warn("\(error.reason): the metrics after step \(written) are not written") }
    }
}
