import Foundation
public import PipelineSchedules
public import TrainingRecipes

extension RunFolder {
    /// Reads the recipe of the run. If the run has its own copy of the schedule, the recipe names the copy.
    ///
    /// - Throws: `RecipeError` if the recipe is damaged or was written by an older version, and the errors of
    ///   `readFile`.
    public func loadRecipe(readFile: (String) throws -> [UInt8]) throws -> Recipe {
        let path = recipe.relativePath
        var result = Recipe()
        try result.merge(toml: String(decoding: try readFile(path), as: UTF8.self), source: path, isSaved: true)
        if result.readsSchedule, FileManager.default.fileExists(atPath: schedule.path(percentEncoded: false)) {
            result.parallelism.pipelineParallelSchedule = schedule.relativePath
        }
        return result
    }

    /// Writes a copy of the schedule, if the recipe takes it from a CSV file. A resumed run reads the copy.
    ///
    /// - Throws: A Cocoa error if the file cannot be written.
    public func write(_ schedule: Schedule, of recipe: Recipe) throws {
        guard recipe.readsSchedule else { return }
        try Data(schedule.csv().utf8).write(to: self.schedule, options: .atomic)
    }
}
