public import Foundation

extension Recipe {
    /// Starts the model section from a Hugging Face configuration, a `config.json`, of DeepSeek-V3's architecture.
    ///
    /// Keys that have no counterpart in the configuration stay as they are.
    ///
    /// - Parameter source: The file's name in messages.
    /// - Throws: ``RecipeError`` naming a key that asks for what is not trained, is missing, or is not known.
    public mutating func merge(huggingFace json: Data, source: String) throws(RecipeError) {
        guard let values = try? JSONDecoder().decode([String: RecipeValue].self, from: json) else {
            throw RecipeError("\(source) is no JSON object: give the config.json of a Hugging Face model")
        }
        do throws(RecipeError) {
            try HuggingFaceConfiguration(values).apply(to: &self)
        } catch {
            throw RecipeError("\(source): \(error.description)")
        }
    }

    mutating func readHuggingFace(_ path: String) throws(RecipeError) {
        let json: Data
        do {
            json = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw RecipeError(
                "model.config: cannot read \(path): \(error.reason): give the config.json of a Hugging Face model")
        }
        try merge(huggingFace: json, source: "model.config: \(path)")
    }
}
