import Foundation

extension TokenFiles {
    /// Opens the files that a description names.
    ///
    /// - Throws: ``RecipeError`` if a file is missing, or does not have the size of its tokens.
    static func files(_ description: TokenDescription, in folder: String) throws(RecipeError) -> [File] {
        try description.shards.map { shard throws(RecipeError) in
            let path = URL(filePath: folder).appending(path: shard.file).relativePath
            let bytes = try map(path)
            guard bytes.count == shard.tokens * description.format.width else {
                throw RecipeError(
                    "training.dataset_path: \(path) has \(bytes.count) bytes, but \(TokenDescription.fileName) says "
                        + "\(shard.tokens) tokens of \(description.format.width): run contraflow.tokenize again, into "
                        + "an empty folder")
            }
            return File(path: path, bytes: bytes)
        }.filter { !$0.bytes.isEmpty }
    }

    /// Checks that all sources have tokens of the recipe's type and of one tokenizer.
    func checkKinds() throws(RecipeError) {
        for source in sources {
            let kind = source.description
            if let kind, kind.format != format {
                throw RecipeError(
                    "training.dataset_format is \(format.rawValue), but \(source.path) has tokens of type "
                        + "\(kind.format.rawValue): give \(kind.format.rawValue)")
            }
            guard kind?.tokenizerDigest == sources[0].description?.tokenizerDigest else {
                throw RecipeError(
                    "training.dataset_path: \(source.path) and \(sources[0].path) do not have tokens of the same "
                        + "tokenizer: make both with contraflow.tokenize and one tokenizer.json")
            }
        }
    }

    /// Checks that the vocabularies of the descriptions fit in the model's.
    func checkDescriptions(vocabulary: Int) throws(RecipeError) {
        for source in sources {
            if let size = source.description?.vocabSize, size > vocabulary {
                throw RecipeError(
                    "training.dataset_path: the tokenizer of \(source.path) has a vocabulary of \(size), but "
                        + "model.vocab_size is \(vocabulary): give at least \(size)")
            }
        }
    }
}
