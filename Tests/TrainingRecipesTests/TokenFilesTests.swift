import Foundation
import TestSupport
import Testing
import TrainingRecipes

@Suite struct TokenFilesTests {
    /// Calls `body` with a recipe whose dataset is `path` in a folder with the given files.
    private func withFiles(
        _ files: [String: [UInt8]], path: String = "", tokens: DatasetFormat = .bytes, length: Int = 4,
        _ body: (Recipe) throws -> Void
    ) throws {
        try withTemporaryFolder { folder in
            for (name, bytes) in files {
                let url = folder.appending(path: name)
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(bytes).write(to: url)
            }
            var recipe = Recipe()
            recipe.training.datasetPath = [path.isEmpty ? folder.path : folder.appending(path: path).path]
            recipe.training.datasetFormat = tokens
            recipe.validation.split = 0
            recipe.training.seqLen = length
            try body(recipe)
        }
    }

    /// Returns the error message for the recipe's data; nil if there is no error.
    private func message(_ recipe: Recipe) -> String? {
        do throws(RecipeError) {
            let files = try TokenFiles(recipe)
            _ = try TokenSplit(recipe, files)
            try files.checkContents(vocabulary: recipe.model.vocabSize)
            return nil
        } catch {
            return error.description
        }
    }

    private func bytes<Token: FixedWidthInteger>(_ tokens: [Token]) -> [UInt8] {
        tokens.flatMap { token in withUnsafeBytes(of: token.littleEndian) { Array($0) } }
    }

    private let text = Array("To be, or not to be".utf8)

    @Test(
        "Unusable files are refused with the file and the remedy",
        arguments: [
            ("nowhere", "does not exist: name a text file"), ("empty.txt", "is empty: give text"),
            ("nothing", "has no files: put"), ("short.txt", "is too short: training.seq_len 4 needs 6 tokens"),
            ("binary.gz", "is compressed by gzip: decompress it, or make token ids"), ("folders", "has no files"),
            ("text.txt/below", "does not exist"),
        ])
    func unusableFilesAreNamed(path: String, says: String) throws {
        let files: [String: [UInt8]] = [
            "empty.txt": [], "short.txt": Array("hello".utf8), "binary.gz": [31, 139, 8, 0, 1, 2, 3, 4, 5, 6, 7],
            "nothing/.hidden": text, "folders/inner/text.txt": text, "text.txt": text,
        ]
        try withFiles(files, path: path) { recipe in
            let said = message(recipe) ?? ""
            #expect(said.hasPrefix("training.dataset_path: ") && said.contains(says), "\(said)")
            #expect(!said.contains("\n"))
        }
    }

    @Test("Device files and empty paths are refused") func devicesAndEmptyPathsAreRefused() throws {
        var recipe = Recipe()
        recipe.training.datasetPath = ["/dev/zero"]
        #expect(message(recipe)?.contains("neither a file nor a folder") == true)
        recipe.training.datasetPath = [""]
        #expect(message(recipe)?.contains("training.dataset_path is empty") == true)
    }

    @Test("Files are read in the order of their names, without hidden and empty ones")
    func filesAreReadInTheOrderOfTheirNames() throws {
        try withFiles(["b.txt": text, "a.txt": text + text, "empty.txt": [], ".hidden": [0], "sub/c.txt": text]) {
            recipe in
            let files = try TokenFiles(recipe)
            #expect(files.files.map { URL(filePath: $0.path).lastPathComponent } == ["a.txt", "b.txt"])
            #expect(files.tokenCount == 3 * text.count && files.byteCount == files.tokenCount)
            #expect(files.tokens(3..<8, ofFile: 1) == text[3..<8].map(Int.init))
            #expect(message(recipe) == nil)
        }
    }

    @Test("Tokens have the width of their format, and files a whole number of tokens")
    func tokensHaveTheWidthOfTheirFormat() throws {
        let values: [UInt32] = [7, 200, 255, 3, 0, 1, 42]
        let files = [
            "1.bin": bytes(values.map { UInt8($0) }), "2.bin": bytes(values.map { UInt16($0) }), "4.bin": bytes(values),
            "odd.bin": [1, 2, 3, 4, 5, 6, 7],
        ]
        for (path, type) in [("1.bin", DatasetFormat.uint8), ("2.bin", .uint16), ("4.bin", .uint32)] {
            try withFiles(files, path: path, tokens: type) { recipe in
                let read = try TokenFiles(recipe)
                #expect(read.tokens(0..<7, ofFile: 0) == values.map { Int($0) })
                #expect(message(recipe) == nil)
            }
        }
        for (type, width) in [(DatasetFormat.uint16, 2), (.uint32, 4)] {
            try withFiles(files, path: "odd.bin", tokens: type) { recipe in
                #expect(message(recipe)?.contains("has 7 bytes, but \(type) needs a multiple of \(width)") == true)
            }
        }
    }

    /// The positions are in the vectors, in the rest after the vectors, and at the borders of blocks.
    @Test(
        "One token beyond the vocabulary is found at any position",
        arguments: [(DatasetFormat.uint8, 1), (.uint16, 2), (.uint32, 4)])
    func oneTokenBeyondTheVocabularyIsFound(type: DatasetFormat, width: Int) throws {
        let block = (1 << 18) / width
        let counts = [6, 63, 64, 65, 257, 1000, block - 1, block, block + 1, 2 * block + 77]
        for count in counts {
            let places = Set([0, 1, 31, 32, count / 2, count - 2, count - 1, block - 1, block, 2 * block]).filter {
                $0 < count
            }
            for place in places.sorted() {
                var tokens = [UInt8](repeating: 199, count: count * width)
                for position in 0..<count where width > 1 {
                    for byte in 1..<width { tokens[position * width + byte] = 0 }
                }
                tokens[place * width] = 200
                try withFiles(["t.bin": tokens], path: "t.bin", tokens: type) { recipe in
                    var recipe = recipe
                    recipe.model.vocabSize = 200
                    let says = message(recipe)
                    #expect(
                        says?.contains("has token 200 at \(place), but model.vocab_size is 200: give at least 201")
                            == true)
                    recipe.model.vocabSize = 201
                    #expect(message(recipe) == nil)
                }
            }
        }
    }

    @Test("Tokens of four bytes are compared as unsigned numbers") func wideTokensAreUnsigned() throws {
        let tokens: [UInt32] = [1, 2, 3, 1 << 31, 4, 5, 6]
        try withFiles(["t.bin": bytes(tokens)], path: "t.bin", tokens: .uint32) { recipe in
            #expect(message(recipe)?.contains("has token 2147483648 at 3") == true)
        }
    }

    @Test("The end of each file is held out, without parts shorter than a window") func theEndOfEachFileIsHeldOut()
        throws
    {
        let long = [UInt8](repeating: 65, count: 100)
        try withFiles(["a": long, "b": Array("short".utf8), "c": long]) { recipe in
            var recipe = recipe
            recipe.validation.split = 0.25
            let split = try TokenSplit(recipe, try TokenFiles(recipe))
            #expect(split.training.map(\.file) == [0, 2] && split.training.map(\.tokens) == [0..<75, 0..<75])
            #expect(split.heldOut.map(\.tokens) == [75..<100, 75..<100])
            recipe.validation.split = 0.05
            #expect(try TokenSplit(recipe, try TokenFiles(recipe)).heldOut.isEmpty)
            recipe.validation.split = 0.97
            #expect(message(recipe)?.contains("but the longest file has 3 without its held-out part") == true)
        }
    }
}
