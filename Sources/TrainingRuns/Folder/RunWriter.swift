import Foundation
public import TrainingRecipes

/// The writer of a run's recipe and metrics. Rank 0 uses it, whether Contraflow, torchrun or Slurm launched the ranks.
public final class RunWriter {
    /// The metrics of all steps so far, including those before a resumption.
    public private(set) var steps: [StepMetrics]
    private let metrics: FileHandle
    private let events: TensorBoardEvents?

    /// Writes the recipe and a copy of the data's tokenizer, and keeps the metrics of the steps up to `last`.
    ///
    /// - Parameters:
    ///   - folder: The folder of the run, which is created if it does not exist.
    ///   - recipe: The resolved recipe.
    ///   - last: The last step before training continues; 0 for a new run.
    /// - Throws: A Cocoa error if a file cannot be written.
    public init(_ folder: RunFolder, recipe: Recipe, through last: Int) throws {
        try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
        try Data(recipe.toml().utf8).write(to: folder.recipe, options: .atomic)
        try folder.copyTokenizer(of: recipe)
        steps = folder.readMetrics(through: last)
        try folder.write(steps)
        metrics = try FileHandle(forWritingTo: folder.metrics)
        try metrics.seekToEnd()
        events = recipe.metrics.enableTensorboard ? try TensorBoardEvents(in: folder) : nil
    }

    deinit {
        try? metrics.close()
    }

    /// Appends the metrics of a step to `metrics.jsonl` and to the TensorBoard events.
    public func add(_ step: StepMetrics) throws {
        steps.append(step)
        try metrics.write(contentsOf: step.line())
        try events?.add(step)
    }
}
