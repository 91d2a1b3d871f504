import Foundation
public import TrainingRecipes

extension RunFolder {
    /// Reads the recipe of the run.
    ///
    /// - Throws: `RecipeError` if the recipe is damaged or was written by an older version, and the errors of
    ///   `readFile`.
    public func loadRecipe(readFile: (String) throws -> [UInt8]) throws -> Recipe {
        let path = recipe.relativePath
        var result = Recipe()
        try result.merge(toml: String(decoding: try readFile(path), as: UTF8.self), source: path, isSaved: true)
        return result
    }
}
