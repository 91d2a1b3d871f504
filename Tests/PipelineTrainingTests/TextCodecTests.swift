import Foundation
import PipelineTraining
import TestSupport
import Testing
import TrainingRecipes
import TrainingRuns

@Suite struct TextCodecTests {
    /// A stand-in for Hugging Face's package: tokens are the bytes of UTF-8, and decoding marks incomplete characters.
    private static let package = """
        class Tokenizer:
            @staticmethod
            def from_file(path):
                open(path).close()
                return Tokenizer()
            def no_truncation(self): pass
            def no_padding(self): pass
            def encode(self, text, add_special_tokens):
                encoding = Tokenizer()
                encoding.ids = list(text.encode())
                return encoding
            def decode(self, ids):
                if 300 in ids: raise SystemExit
                return bytes(ids).decode(errors="replace")
        """

    /// Calls `body` with the folder of a run of described tokens, and an environment with the stand-in.
    private func withRun(_ body: (RunFolder, Recipe, [String: String]) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let description = """
                {"version": 1, "complete": true, "tokenizer": "tokenizer.json", "tokenizer_sha256": "", "vocab_size": 400,
                 "dtype": "uint16", "end_token_id": 257, "documents": 1, "tokens": 0, "shards": []}
                """
            let inner = folder.appending(path: "tokenizer")
            try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
            try Data(description.utf8).write(to: inner.appending(path: "tokens.json"))
            try Data("{}".utf8).write(to: inner.appending(path: "tokenizer.json"))
            try Data(Self.package.utf8).write(to: folder.appending(path: "tokenizers.py"))
            let python = folder.appending(path: "python")
            let script = "#!/bin/sh\nPYTHONDONTWRITEBYTECODE=1 PYTHONPATH='\(folder.path)' exec python3 \"$@\"\n"
            try Data(script.utf8).write(to: python)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: python.path)
            var recipe = Preset.debug.recipe
            recipe.training.datasetFormat = .uint16
            try body(RunFolder(url: folder), recipe, ["CONTRAFLOW_PYTHON": python.path])
        }
    }

    @Test("Characters of several tokens are complete, and come as early as they can") func characters() throws {
        try withRun { folder, recipe, environment in
            let (codec, note) = try folder.textCodec(recipe, environment: environment)
            #expect(note == nil && codec.vocabSize == 400 && codec.endToken == 257)
            #expect(try codec.tokens(ofPrompt: "ü\n\"") == Array("ü\n\"".utf8).map(Int.init))
            let text = "a語👩‍🚀\n\u{FFFD}."
            var pieces: [[UInt8]] = []
            for byte in text.utf8 { pieces.append(try codec.text(ofNext: Int(byte))) }
            #expect(pieces[0] == Array("a".utf8) && pieces[1].isEmpty && pieces[3] == Array("語".utf8))
            #expect(Array(pieces.joined()) == Array(text.utf8))
            #expect(try codec.text(ofNext: 0xE8).isEmpty)
            #expect(try codec.rest() == Array("\u{FFFD}".utf8))
        }
    }

    @Test("An empty prompt begins a document") func emptyPrompts() throws {
        try withRun { folder, recipe, environment in
            let codec = try folder.textCodec(recipe, environment: environment).codec
            #expect(try codec.tokens(ofPrompt: "") == [257])
        }
    }

    @Test("A process that has ended is an error in one line") func endedProcess() throws {
        try withRun { folder, recipe, environment in
            let codec = try folder.textCodec(recipe, environment: environment).codec
            for _ in 0..<2 {
                #expect(throws: RecipeError.self) { try codec.text(ofNext: 300) }
            }
        }
    }

    @Test("Without a Python that has the package, tokens are numbers and a note says what to install")
    func withoutPython() throws {
        try withRun { folder, recipe, environment in
            try Data("raise ImportError('no package')".utf8).write(to: folder.url.appending(path: "tokenizers.py"))
            for python in [environment["CONTRAFLOW_PYTHON"] ?? "", "/nowhere/python", "/bin/false"] {
                let (codec, note) = try folder.textCodec(recipe, environment: ["CONTRAFLOW_PYTHON": python])
                #expect(note?.contains("pip install tokenizers") == true && note?.contains(python) == true)
                #expect(note?.contains("\n") == false)
                #expect(try codec.tokens(ofPrompt: "ROMEO") == [257])
                let text = try codec.text(ofNext: 12) + codec.text(ofNext: 7)
                #expect(text == Array("12 7 ".utf8))
            }
        }
    }

    @Test("Bytes need no tokenizer, and tokens without a description have none") func otherRuns() throws {
        try withTemporaryFolder { folder in
            var recipe = Preset.debug.recipe
            let codec = try RunFolder(url: folder).textCodec(recipe, environment: [:]).codec
            #expect(try codec.tokens(ofPrompt: "é") == [0xC3, 0xA9])
            #expect(try codec.tokens(ofPrompt: "") == [10])
            #expect(try codec.text(ofNext: 200) == [200])
            recipe.training.datasetFormat = .uint16
            #expect(throws: RecipeError.self) { try RunFolder(url: folder).textCodec(recipe, environment: [:]) }
        }
    }
}
