import Foundation
public import PipelineSchedules
public import TrainingRecipes

extension RunFolder {
    /// Reads the recipe of the run. If the run has its own copy of the schedule, the recipe names the copy.
    ///
    /// - Throws: `RecipeError` if the recipe is damaged or was written by an older version; ``RunFileError`` if it
    ///   cannot be read.
    public func loadRecipe() throws -> Recipe {
        let folder = try OpenFolder(url)
        let text = try folder.read(recipe.lastPathComponent, limit: 1 << 24)
        var result = Recipe()
        try result.merge(toml: String(decoding: text, as: UTF8.self), source: recipe.relativePath, isSaved: true)
        if result.readsSchedule, folder.has(schedule.lastPathComponent) {
            result.parallelism.pipelineParallelSchedule = schedule.relativePath
        }
        if !result.experts.placement.isEmpty, folder.has(placement.lastPathComponent) {
            result.experts.placement = placement.relativePath
        }
        return result
    }

    /// Copies the placement of the recipe, if it has one. A resumed run reads the copy.
    ///
    /// - Throws: ``RunFileError`` if a file cannot be read or written.
    func copyPlacement(of recipe: Recipe) throws {
        let source = URL(filePath: recipe.experts.placement)
        guard !recipe.experts.placement.isEmpty, source.standardizedFileURL != placement.absoluteURL.standardizedFileURL
        else { return }
        try OpenFolder(url).write(OpenFile(source).bytes(limit: 1 << 31), to: placement.lastPathComponent)
    }

    /// Writes a copy of the schedule, if the recipe takes it from a CSV file. A resumed run reads the copy.
    ///
    /// - Throws: ``RunFileError`` if the file cannot be written.
    public func write(_ schedule: Schedule, of recipe: Recipe) throws {
        guard recipe.readsSchedule else { return }
        try OpenFolder(url).write(Data(schedule.csv().utf8), to: self.schedule.lastPathComponent)
    }
}
