package import Foundation
package import TrainingRecipes

extension RunFolder {
    /// The tokenizer of the training data.
    package var tokenizer: URL { tokenizerFolder.appending(path: "tokenizer.json") }

    private var tokenizerFolder: URL { url.appending(path: "tokenizer", directoryHint: .isDirectory) }

    /// Reads the description of the training data; nil if the data had none.
    ///
    /// - Throws: `RecipeError` if the description is damaged.
    package func tokenDescription() throws(RecipeError) -> TokenDescription? {
        try TokenDescription.read(in: tokenizerFolder.relativePath)
    }

    /// Returns the files that the weights need for the tokenizer of the training data, in the form that Hugging Face's
    /// `AutoTokenizer` and `GenerationConfig` read. There are none if the data had no tokenizer.
    ///
    /// - Throws: `RecipeError` if the description is damaged; ``RunFileError`` if the tokenizer cannot be read.
    package func tokenizerFiles() throws -> [(name: String, data: Data)] {
        guard let description = try tokenDescription() else { return [] }
        let folder = try OpenFolder(url).folder(tokenizerFolder.lastPathComponent)
        return [
            ("tokenizer.json", try folder.read(tokenizer.lastPathComponent, limit: 1 << 28)),
            ("tokenizer_config.json", Data("{\"tokenizer_class\": \"PreTrainedTokenizerFast\"}\n".utf8)),
            ("generation_config.json", Data("{\"eos_token_id\": \(description.endToken)}\n".utf8)),
        ]
    }

    /// Copies the tokenizer of the training data and the description to the folder, so that the run can be moved.
    ///
    /// - Throws: A Cocoa error if a file cannot be copied.
    func copyTokenizer(of recipe: Recipe) throws {
        guard let path = recipe.training.datasetPath.first, let description = try TokenDescription.read(in: path) else {
            return
        }
        let source = URL(filePath: path, directoryHint: .isDirectory)
        let folder = try OpenFolder(url).folder(tokenizerFolder.lastPathComponent, creates: true)
        let name = TokenDescription.fileName
        for (from, to) in [(description.tokenizer, tokenizer.lastPathComponent), (name, name)] {
            try folder.write(Data(contentsOf: source.appending(path: from)), to: to)
        }
    }
}
