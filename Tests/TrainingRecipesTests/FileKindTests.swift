import Foundation
import TestSupport
import Testing
import TrainingRecipes

@Suite("Kinds of files") struct FileKindTests {
    private func error(_ name: String, _ bytes: [UInt8], _ format: DatasetFormat = .bytes) throws -> String? {
        try withTemporaryFolder { folder in
            let file = folder.appending(path: name)
            try Data(bytes).write(to: file)
            var recipe = Recipe()
            recipe.training.datasetPath = [file.path]
            recipe.training.datasetFormat = format
            do {
                try TokenFiles(recipe).checkContents(vocabulary: 1 << 24)
                return nil
            } catch let error as RecipeError {
                #expect(error.description.hasPrefix("training.dataset_path: \(file.path) is "))
                return error.description
            }
        }
    }

    @Test(
        "A file that is neither text nor token ids is refused by its name or its first bytes",
        arguments: [
            ("a.jsonl", "text", "JSON lines, not text: make token ids with 'python -m contraflow.tokenize"),
            ("a.NDJSON", "text", "JSON lines"), ("a.txt", "{\"text\": \"a\"}\n{\"text\": \"b\"}\n", "JSON lines"),
            ("a.json", "[1]", "JSON, not text"), ("a.parquet", "text", "a Parquet file"),
            ("a.txt", "PAR1text", "a Parquet file"), ("a.txt.gz", "text", "compressed by gzip"),
            ("a", "\u{1F}", nil), ("a.zst", "text", "compressed by zstd"), ("a.arrow", "text", "an Arrow file"),
            ("a", "ARROW1\0\0", "an Arrow file"), ("a.npy", "text", "a NumPy array"), ("a.pt", "text", "an archive"),
            ("a", "PK\u{3}\u{4}", "an archive"), ("a", "MMIDIDX\0", "the index of a data set of Megatron-LM"),
            ("a.txt", "{ a text in braces }\nmore", nil), ("a.txt", "{}", nil), ("a.py", "import json\n", nil),
        ] as [(String, String, String?)])
    func foreignFiles(name: String, text: String, says: String?) throws {
        let message = try error(name, Array(text.utf8))
        #expect((message == nil) == (says == nil), "\(message ?? "accepted")")
        if let says { #expect(message?.contains(" is \(says)") == true, "\(message ?? "")") }
    }

    @Test("Headers are refused in files of token ids too, and uint8 trains on any bytes") func tokens() throws {
        let header: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
        #expect(try error("tokens.bin", header, .uint16)?.contains("a NumPy array") == true)
        #expect(try error("tokens.bin", header, .uint8) == nil)
        #expect(try error("a.jsonl", Array("{\"a\": 1}\n".utf8), .uint8) == nil)
        #expect(try error("tokens.bin", [0x1F, 0x8B, 9, 0], .uint16) == nil)
    }
}
