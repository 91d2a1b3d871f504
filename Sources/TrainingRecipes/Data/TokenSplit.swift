/// The split of a dataset into training and validation: the start of each file is for training, its end is held out.
public struct TokenSplit: Sendable {
    /// A range of tokens in one file.
    public struct Piece: Hashable, Sendable {
        /// The index of the file in ``TokenFiles/files``.
        public let file: Int
        /// The range of tokens.
        public let tokens: Range<Int>

        package init(file: Int, tokens: Range<Int>) {
            self.file = file
            self.tokens = tokens
        }
    }

    /// The tokens for training; never empty.
    public let training: [Piece]
    /// The tokens for validation; empty if `validation.split` is 0, or if no file has a whole window to hold out.
    public let heldOut: [Piece]

    /// Splits the files by `validation.split`. Parts that are shorter than ``Recipe/windowLength`` are skipped.
    ///
    /// - Throws: ``RecipeError`` if a source has nothing to train on.
    public init(_ recipe: Recipe, _ files: TokenFiles) throws(RecipeError) {
        let window = recipe.windowLength
        var training: [Piece] = []
        var heldOut: [Piece] = []
        for source in files.sources {
            var longest = 0
            for file in source.files {
                let count = files.tokenCount(ofFile: file)
                let start = count - Int(Double(count) * recipe.validation.split)
                longest = max(longest, start)
                if start >= window { training.append(Piece(file: file, tokens: 0..<start)) }
                if count - start >= window { heldOut.append(Piece(file: file, tokens: start..<count)) }
            }
            guard longest >= window else {
                throw RecipeError(
                    "training.dataset_path: \(source.path) is too short: training.seq_len "
                        + "\(recipe.training.seqLen) needs \(window) tokens in one file, but the longest file has "
                        + "\(longest) without its held-out part: give more text, or a smaller training.seq_len")
            }
        }
        self.training = training
        self.heldOut = heldOut
    }
}

extension Recipe {
    /// The number of tokens that a sequence takes from a file: `training.seq_len`, and the targets of the last position
    /// for the loss of the next token and for multi-token prediction.
    public var windowLength: Int { training.seqLen + 2 }
}
