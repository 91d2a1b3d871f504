public import Foundation

extension Recipe {
    /// Starts the model section from a Hugging Face configuration, a `config.json`, of DeepSeek-V3's architecture.
    ///
    /// Keys that have no counterpart in the configuration stay as they are.
    ///
    /// - Parameter source: The file's name in messages.
    /// - Throws: ``RecipeError`` naming a key that asks for what is not trained, is missing, or is not known.
    public mutating func merge(huggingFace json: Data, source: String) throws(RecipeError) {
        let values: [String: RecipeValue]
        do {
            values = try JSONDecoder().decode([String: RecipeValue].self, from: json)
        } catch {
            let place = (error as? DecodingError)?.jsonPlace ?? ""
            throw RecipeError("\(source) is no JSON object\(place): give the config.json of a Hugging Face model")
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

extension DecodingError {
    /// The parser's complaint about text that is not JSON; nil if the text is JSON of another form.
    fileprivate var jsonPlace: String? {
        guard case .dataCorrupted(let context) = self, let error = context.underlyingError as? CocoaError else {
            return nil
        }
        return (error.userInfo[NSDebugDescriptionErrorKey] as? String).map { " (\($0))" }
    }
}
