import Foundation
import TestSupport
import Testing
import TrainingRecipes

@Suite struct TokenDescriptionTests {
    /// What contraflow.tokenize writes, as the JSON of each field.
    private static let fields = [
        "version": "1", "complete": "true", "tokenizer": #""tokenizer.json""#, "tokenizer_sha256": #""ab12""#,
        "vocab_size": "1000", "dtype": #""uint16""#, "end_token": #""<|endoftext|>""#, "end_token_id": "0",
        "documents": "2", "tokens": "100", "options": #"{"field": "text"}"#,
        "shards": #"[{"file": "tokens-00000.bin", "tokens": 60}, {"file": "tokens-00001.bin", "tokens": 40}]"#,
    ]

    /// Calls `body` with a recipe of a folder of 60 and 40 tokens, and with the folder.
    private func withTokens(_ changes: [String: String] = [:], _ body: (Recipe, URL) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let json = Self.fields.merging(changes) { $1 }.map { "\"\($0)\": \($1)" }.joined(separator: ",")
            try Data("{\(json)}".utf8).write(to: folder.appending(path: "tokens.json"))
            for (name, count) in [("tokens-00000.bin", 60), ("tokens-00001.bin", 40), ("other.bin", 3)] {
                try Data((0..<2 * count).map { UInt8($0.isMultiple(of: 2) ? $0 / 2 : 0) }).write(
                    to: folder.appending(path: name))
            }
            try Data("{}".utf8).write(to: folder.appending(path: "tokenizer.json"))
            var recipe = Preset.debug.recipe
            recipe.training.datasetPath = [folder.path]
            recipe.training.seqLen = 8
            try body(recipe, folder)
        }
    }

    private func message(_ recipe: Recipe) -> String {
        do throws(RecipeError) {
            var recipe = recipe
            try recipe.takeTokenDescription(given: ["model.vocab_size"])
            let files = try TokenFiles(recipe)
            _ = try TokenSplit(recipe, files)
            try files.checkContents(vocabulary: recipe.model.vocabSize)
            return ""
        } catch {
            return error.description
        }
    }

    @Test("The type and the vocabulary of described tokens need not be given") func described() throws {
        try withTokens { recipe, folder in
            var recipe = recipe
            try recipe.takeTokenDescription(given: [])
            #expect(recipe.training.datasetFormat == .uint16 && recipe.model.vocabSize == 1000)
            let files = try TokenFiles(recipe)
            let names = files.files.map { URL(filePath: $0.path).lastPathComponent }
            #expect(names == ["tokens-00000.bin", "tokens-00001.bin"])
            #expect(files.tokenCount == 100 && files.sources[0].description?.endToken == 0)
            #expect(files.tokens(3..<6, ofFile: 1) == [3, 4, 5])
            try files.checkContents(vocabulary: 1000)
        }
    }

    @Test("Keys that are given keep their values, and a preset with a larger vocabulary keeps it") func given() throws {
        try withTokens { recipe, folder in
            for key in ["model.vocab_size", "model.config"] {
                var recipe = recipe
                try recipe.takeTokenDescription(given: [key])
                #expect(recipe.model.vocabSize == 256 && recipe.training.datasetFormat == .uint16)
            }
            var large = Preset.deepSeekV3.recipe
            large.training.datasetPath = [folder.path]
            try large.takeTokenDescription(given: [])
            #expect(large.model.vocabSize == 129_280 && large.training.datasetFormat == .uint16)
        }
    }

    @Test("A vocabulary that is too small, and a type that is not the tokens', are refused with the right value")
    func mismatches() throws {
        try withTokens { recipe, folder in
            let small = message(recipe)
            #expect(small.hasSuffix("has a vocabulary of 1000, but model.vocab_size is 256: give at least 1000"))
            var recipe = recipe
            recipe.training.datasetFormat = .uint32
            #expect(throws: RecipeError.self) { try TokenFiles(recipe) }
        }
    }

    @Test(
        "A description that cannot be right is refused in one line",
        arguments: [
            (["complete": "false"], "has not finished: run the same command again"),
            (["version": "2"], "version is 2"), (["dtype": #""float32""#], "damaged"),
            (["dtype": #""bytes""#], "damaged"), (["end_token_id": "1000"], "damaged"),
            (["vocab_size": "-1"], "damaged"),
            (["vocab_size": #""1000""#], "damaged"),
            (["shards": #"[{"file": "../other.bin", "tokens": 3}]"#], "damaged"),
            (["shards": #"[{"file": "tokens-00000.bin", "tokens": -3}]"#], "damaged"),
            (
                ["shards": #"[{"file": "tokens-00000.bin", "tokens": 59}]"#],
                "has 120 bytes, but tokens.json says 59 tokens"
            ),
            (["shards": #"[{"file": "missing.bin", "tokens": 3}]"#], "missing.bin cannot be read"),
            (["shards": "[]"], "is empty"),
        ])
    func damaged(changes: [String: String], says: String) throws {
        try withTokens(changes) { recipe, folder in
            let message = message(recipe)
            #expect(message.hasPrefix("training.dataset_path: ") && message.contains(says), "\(message)")
            #expect(!message.contains("\n"))
        }
    }

    @Test("Sources of different tokenizers, or with and without one, are not mixed") func kinds() throws {
        try withTokens { recipe, folder in
            try withTokens(["tokenizer_sha256": #""cd34""#]) { _, other in
                for path in [other.path, other.appending(path: "other.bin").path] {
                    var recipe = recipe
                    recipe.training.datasetPath.append(path)
                    #expect(message(recipe).contains("do not have tokens of the same tokenizer"))
                }
            }
            var twice = recipe
            twice.training.datasetPath.append(folder.path)
            twice.model.vocabSize = 1000
            #expect(message(twice) == "")
            twice.training.datasetFormat = .uint16
            let files = try TokenFiles(twice)
            #expect(files.sources.map(\.files) == [0..<2, 2..<4])
        }
    }

    @Test("Every source holds out its own part, and one that is too short is named") func split() throws {
        try withTokens { recipe, folder in
            var recipe = recipe
            recipe.training.datasetPath.append(folder.appending(path: "other.bin").path)
            recipe.training.datasetFormat = .uint16
            recipe.validation.split = 0.25
            try FileManager.default.removeItem(at: folder.appending(path: "tokens.json"))
            recipe.training.datasetPath[0] = folder.appending(path: "tokens-00000.bin").path
            #expect(message(recipe).contains("other.bin is too short"))
            recipe.training.datasetPath[1] = folder.appending(path: "tokens-00001.bin").path
            let split = try TokenSplit(recipe, try TokenFiles(recipe))
            #expect(split.training.map(\.tokens) == [0..<45, 0..<30])
            #expect(split.heldOut.map(\.tokens) == [45..<60, 30..<40])
        }
    }
}
