import Foundation
public import TrainingRecipes

extension RunFolder {
    /// The recipe that the run wrote.
    ///
    /// - Throws: `RecipeError` in one line if an older version wrote it, else what `readFile` throws.
    public func loadRecipe(readFile: (String) throws -> [UInt8]) throws -> Recipe {
        let path = recipe.relativePath
        var result = Recipe()
        try result.merge(toml: String(decoding: try readFile(path), as: UTF8.self), source: path, isSaved: true)
        return result
    }
}
