package import TrainingRecipes
import TrainingRuns

/// Windows of tokens from the files that a recipe names.
package struct TokenSource {
    /// A part of the files.
    package enum Part {
        case training
        case heldOut

        /// The key of the part's random numbers.
        var key: UInt64 { self == .training ? 1 : 2 }
    }

    /// The order in which windows are read.
    private enum Windows {
        case random(RandomWindows)
        case mixed(MixedWindows)
    }

    private let files: TokenFiles
    private let training: Windows
    private let heldOut: Windows?
    private let batchSize: Int
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
        let split = try TokenSplit(recipe, files)
        training = Self.windows(.training, of: split.training, recipe, files)
        heldOut = split.heldOut.isEmpty ? nil : Self.windows(.heldOut, of: split.heldOut, recipe, files)
        batchSize = recipe.training.globalBatchSize
        warnings = recipe.warnings(split, fileCount: files.files.count)
    }

    /// The identity of the files.
    var identity: DataIdentity { DataIdentity(files) }

    /// Whether a part of the files is held out for validation.
    package var hasHeldOutPart: Bool { heldOut != nil }

    /// Returns the consecutive tokens of a sequence. They depend only on the seed, the part, the step, the sequence's
    /// number in the global batch and, for several sources or described tokens, the size of that batch.
    ///
    /// - Parameter step: The step of training, from 1, or the batch of a validation, from 0.
    /// - Precondition: The part is not empty.
    package func window(_ part: Part, step: Int, sequence: Int) -> [Int] {
        guard let windows = part == .training ? training : heldOut else { preconditionFailure("the part is not empty") }
        let piece =
            switch windows {
            case .random(let windows): windows.window(step: step, sequence: sequence)
            case .mixed(let windows):
                windows.window(sample: (part == .training ? step - 1 : step) * batchSize + sequence)
            }
        return files.tokens(piece.tokens, ofFile: piece.file)
    }

    /// Returns the windows of a part: at random positions for one source without a description, else by epochs.
    private static func windows(
        _ part: Part, of pieces: [TokenSplit.Piece], _ recipe: Recipe, _ files: TokenFiles
    ) -> Windows {
        let (seed, length) = (UInt64(recipe.training.seed), recipe.windowLength)
        if files.sources.count == 1, files.sources[0].description == nil {
            return .random(RandomWindows(pieces, length: length, seed: seed, part: part))
        }
        var lists: [WindowList] = []
        var weights: [Double] = []
        for (index, source) in files.sources.enumerated() {
            let own = pieces.filter { source.files.contains($0.file) }
            // A source may have nothing held out.
            if own.isEmpty { continue }
            let list = WindowList(own, stride: recipe.training.seqLen, length: length)
            lists.append(list)
            weights.append(
                recipe.training.datasetWeights.isEmpty ? Double(list.count) : recipe.training.datasetWeights[index])
        }
        return .mixed(MixedWindows(lists, weights: weights, seed: seed, part: part))
    }
}
