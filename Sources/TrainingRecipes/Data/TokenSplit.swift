/// The parts of a recipe's files: the start of every file to learn from, its end held out.
public struct TokenSplit: Sendable {
    /// A run of tokens in one file.
    public struct Piece: Hashable, Sendable {
        /// The file's place in ``TokenFiles/files``.
        public let file: Int
        /// Its tokens.
        public let tokens: Range<Int>
    }

    /// What is learned from; never empty.
    public let training: [Piece]
    /// What is held out; empty where nothing is, or too little of each file for one window.
    public let heldOut: [Piece]

    /// Splits the files by `validation.split`; a part that is shorter than ``Recipe/windowLength`` is left out.
    ///
    /// - Throws: ``RecipeError`` where there is nothing to learn from.
    public init(_ recipe: Recipe, _ files: TokenFiles) throws(RecipeError) {
        let window = recipe.windowLength
        var training: [Piece] = []
        var heldOut: [Piece] = []
        var longest = 0
        for file in files.files.indices {
            let count = files.tokenCount(ofFile: file)
            let start = count - Int(Double(count) * recipe.validation.split)
            longest = max(longest, start)
            if start >= window { training.append(Piece(file: file, tokens: 0..<start)) }
            if count - start >= window { heldOut.append(Piece(file: file, tokens: start..<count)) }
        }
        guard !training.isEmpty else {
            throw RecipeError(
                "training.dataset_path: \(recipe.training.datasetPath) is too short: training.seq_len "
                    + "\(recipe.training.seqLen) needs \(window) tokens of a file, but the longest has \(longest) "
                    + "beside its held-out part: give more text, or a smaller training.seq_len")
        }
        self.training = training
        self.heldOut = heldOut
    }
}

extension Recipe {
    /// Tokens that a sequence takes from a file: its own, and the targets of its last position under both losses.
    public var windowLength: Int { training.seqLen + 2 }
}
