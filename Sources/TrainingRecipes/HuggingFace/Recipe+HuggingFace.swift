public import Foundation

extension Recipe {
    /// Sets the model section from a Hugging Face configuration (`config.json`) with the architecture of DeepSeek-V3.
    ///
    /// Keys that the configuration lacks keep their values, except three: `num_nextn_predict_layers` and
    /// `max_position_embeddings` become 0, and the scaling of rotary positions becomes none.
    ///
    /// - Parameter source: The name of the file in error messages.
    /// - Throws: ``RecipeError`` naming a key that is missing, not known, or has a value that is not supported.
    public mutating func merge(huggingFace json: Data, source: String) throws(RecipeError) {
        guard let values = try? JSONDecoder().decode([String: RecipeValue].self, from: json) else {
            throw RecipeError("\(source) is not a JSON object: give the config.json of a Hugging Face model")
        }
        do throws(RecipeError) {
            try HuggingFaceConfiguration(values).apply(to: &self)
        } catch {
            throw RecipeError("\(source): \(error.description)")
        }
    }

    /// Sets the model section from the configuration in the folder of a model.
    mutating func readHuggingFace(configurationOf folder: String) throws(RecipeError) {
        try readHuggingFace(
            URL(filePath: folder).appending(path: "config.json").relativePath, key: Self.weightsKey)
    }

    mutating func readHuggingFace(_ path: String, key: String = configKey) throws(RecipeError) {
        let json: Data
        do {
            json = try SmallFile.contents(path)
        } catch let error as RecipeError {
            throw RecipeError("model.config: \(path): \(error.description)")
        } catch {
            throw RecipeError(
                "\(key): cannot read \(path): \(error.reason): give the config.json of a Hugging Face model")
        }
        try merge(huggingFace: json, source: "\(key): \(path)")
    }
}
