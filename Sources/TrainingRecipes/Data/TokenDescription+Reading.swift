public import Foundation

extension TokenDescription {
    /// The name of the description in its folder.
    public static let fileName = "tokens.json"

    /// Reads the description of a folder; nil if the folder has none.
    ///
    /// - Throws: ``RecipeError`` if the description is damaged or from another version, or if its folder is unfinished.
    public static func read(in folder: String) throws(RecipeError) -> TokenDescription? {
        let url = URL(filePath: folder).appending(path: fileName)
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        do {
            return try TokenDescription(SmallFile.contents(url.path))
        } catch {
            let reason = (error as? RecipeError)?.description ?? error.reason
            throw RecipeError("training.dataset_path: \(folder)/\(fileName): \(reason)")
        }
    }

    /// Reads a description.
    ///
    /// - Throws: ``RecipeError`` with the problem and the remedy.
    public init(_ json: Data) throws(RecipeError) {
        do {
            self = try JSONDecoder().decode(TokenDescription.self, from: json)
        } catch {
            throw RecipeError("this is no description of tokens, or it is damaged: run contraflow.tokenize again")
        }
        guard version == 1 else {
            throw RecipeError("its version is \(version), but version 1 is read: use a matching contraflow.tokenize")
        }
        guard isComplete else {
            throw RecipeError("contraflow.tokenize has not finished: run the same command again")
        }
        let names = shards.map(\.file) + [tokenizer]
        guard names.allSatisfy({ !$0.isEmpty && !$0.contains("/") }), format != .bytes,
            1...1 << 24 ~= vocabSize, 0..<vocabSize ~= endToken, shards.allSatisfy({ 0...1 << 48 ~= $0.tokens })
        else {
            throw RecipeError("it is damaged: run contraflow.tokenize again")
        }
    }
}
