import Foundation
package import TrainingRecipes
package import TrainingRuns

extension RunFolder {
    /// Returns the relation of the run's tokens to text: bytes, or the tokenizer that made the run's data.
    ///
    /// - Parameters:
    ///   - recipe: The recipe of the run.
    ///   - environment: The environment of this process, which may name Python as `CONTRAFLOW_PYTHON`.
    /// - Returns: A note in one line beside the relation if no Python can run the tokenizer, so that tokens are numbers.
    /// - Throws: `RecipeError` if the run's tokens have no known tokenizer.
    package func textCodec(
        _ recipe: Recipe, environment: [String: String]
    ) throws -> (codec: any TextCodec, note: String?) {
        guard recipe.training.datasetFormat != .bytes else { return (ByteCodec(), nil) }
        guard let description = try tokenDescription() else {
            throw RecipeError(
                "training.dataset_format is \(recipe.training.datasetFormat) without a \(TokenDescription.fileName): "
                    + "only a model of bytes, or of tokens of contraflow.tokenize, can continue a text")
        }
        var reasons: [String] = []
        for python in Self.pythons(environment) {
            do throws(TokenizerProcess.StartError) {
                return (TokenizerCodec(description, try TokenizerProcess(python: python, tokenizer: tokenizer)), nil)
            } catch {
                reasons.append("\(python): \(error.reason)")
            }
        }
        let note =
            "token ids follow, without the prompt, because no Python runs the tokenizer (\(reasons.joined(separator: "; "))"
            + "): pip install tokenizers, or set CONTRAFLOW_PYTHON to a Python that has it"
        return (NumberCodec(description), note)
    }

    /// Returns the programs that may run the tokenizer, in the order in which they are tried.
    private static func pythons(_ environment: [String: String]) -> [String] {
        if let named = environment["CONTRAFLOW_PYTHON"], !named.isEmpty { return [named] }
        var found: [String] = []
        if let active = environment["VIRTUAL_ENV"] { found.append("\(active)/bin/python") }
        found.append(FileManager.default.currentDirectoryPath + "/.venv/bin/python")
        // The command may be in the build folder of the project.
        var folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/" {
            found.append(folder.appending(path: ".venv/bin/python").path)
            folder.deleteLastPathComponent()
        }
        var seen: Set<String> = []
        found.removeAll { !FileManager.default.isExecutableFile(atPath: $0) || !seen.insert($0).inserted }
        return found + ["python3"]
    }
}
