import SchedulePlanning
package import TrainingRecipes

/// Windows of tokens from the files that a recipe names.
package struct TokenSource {
    /// A part of the files.
    package enum Part {
        case training
        case heldOut
    }

    private let files: TokenFiles
    private let split: TokenSplit
    private let seed: UInt64
    /// The warnings about the recipe and its data, in one line each.
    package let warnings: [String]

    /// Opens the files.
    ///
    /// - Parameter checksContents: Whether to check every token of the files. The launcher has done so if it started
    ///   the ranks.
    /// - Throws: `RecipeError` if the files have too few tokens, or a token is beyond the vocabulary.
    package init(_ recipe: Recipe, checksContents: Bool) throws {
        files = try TokenFiles(recipe)
        if checksContents { try files.checkContents(vocabulary: recipe.model.vocabSize) }
        split = try TokenSplit(recipe, files)
        seed = UInt64(recipe.training.seed)
        warnings = recipe.warnings(split, fileCount: files.files.count)
    }

    /// Whether a part of the files is held out for validation.
    package var hasHeldOutPart: Bool { !split.heldOut.isEmpty }

    /// Returns `count` consecutive tokens, which depend only on the seed, the part, the step and the sequence's number
    /// in the global batch.
    ///
    /// - Precondition: `count` is at most the recipe's window length, and the part is not empty.
    package func window(_ part: Part, step: Int, sequence: Int, count: Int) -> [Int] {
        let pieces = part == .training ? split.training : split.heldOut
        // All starts are equally likely.
        let starts = pieces.reduce(0) { $0 + $1.tokens.count - count + 1 }
        var generator = SplitMix64(seed: seed, part == .training ? 1 : 2, UInt64(step), UInt64(sequence))
        var start = Int(generator.next() % UInt64(starts))
        for piece in pieces {
            let room = piece.tokens.count - count + 1
            if start < room {
                let first = piece.tokens.lowerBound + start
                return files.tokens(first..<first + count, ofFile: piece.file)
            }
            start -= room
        }
        preconditionFailure("a start lies in one of the pieces")
    }
}
