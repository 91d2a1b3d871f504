import Foundation
public import TrainingRecipes

/// The writer of a run's recipe and metrics: rank 0, whichever program launched the ranks.
public final class RunWriter {
    /// The metrics of all steps so far, those before a resumption included.
    public private(set) var steps: [StepMetrics]
    private let metrics: FileHandle
    private let events: TensorBoardEvents?

    /// Writes the recipe, and the metrics of the steps that a resumed run keeps.
    ///
    /// - Parameters:
    ///   - folder: The run's folder, which is made if it does not exist.
    ///   - recipe: The resolved recipe.
    ///   - last: The step that training goes on behind; 0 for a new run.
    /// - Throws: A Cocoa error if a file cannot be written.
    public init(_ folder: RunFolder, recipe: Recipe, through last: Int) throws {
        try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
        try Data(recipe.toml().utf8).write(to: folder.recipe, options: .atomic)
        steps = folder.readMetrics(through: last)
        try folder.write(steps)
        metrics = try FileHandle(forWritingTo: folder.metrics)
        try metrics.seekToEnd()
        events = recipe.metrics.enableTensorboard ? try TensorBoardEvents(in: folder) : nil
    }

    deinit {
        try? metrics.close()
    }

    /// Adds a step's metrics to `metrics.jsonl` and to TensorBoard's events.
    public func add(_ step: StepMetrics) throws {
        steps.append(step)
        try metrics.write(contentsOf: step.line())
        try events?.add(step)
    }
}
