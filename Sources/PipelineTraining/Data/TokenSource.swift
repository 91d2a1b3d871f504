import Foundation
import SchedulePlanning
package import TrainingRecipes

/// The tokens of the files that a recipe names, mapped into memory: the start of every file to learn from, its end
/// held out.
package struct TokenSource {
    /// Which part of the files.
    package enum Part {
        case training
        case heldOut
    }

    /// A run of tokens in one file.
    private struct Piece {
        let file: Int
        let start: Int
        let count: Int
    }

    private let files: [Data]
    private let width: Int
    private let training: [Piece]
    private let heldOut: [Piece]
    private let seed: UInt64

    /// Opens the files.
    ///
    /// - Parameter windowLength: Tokens that a sequence needs with its targets; files, or parts, that are shorter are
    ///   left out.
    /// - Throws: `RecipeError` where there is nothing to learn from, or a token is beyond the vocabulary.
    package init(_ recipe: Recipe, windowLength: Int) throws {
        width = ["bytes": 1, "uint16": 2, "uint32": 4][recipe.data.tokens] ?? 1
        seed = UInt64(recipe.run.seed)
        let urls = try Self.urls(recipe.data.path)
        files = try urls.map { url in
            do {
                return try Data(contentsOf: url, options: .alwaysMapped)
            } catch {
                throw RecipeError("data.path: \(url.path) cannot be read: is it a file that you may read?")
            }
        }
        var training: [Piece] = []
        var heldOut: [Piece] = []
        for (index, data) in files.enumerated() {
            let count = data.count / width
            let held = Int(Double(count) * recipe.data.heldOut)
            if count - held >= windowLength { training.append(Piece(file: index, start: 0, count: count - held)) }
            if held >= windowLength { heldOut.append(Piece(file: index, start: count - held, count: held)) }
        }
        guard !training.isEmpty else {
            throw RecipeError(
                "data.path: \(recipe.data.path) has no file of at least \(windowLength) tokens beside its held-out part: "
                    + "give more text, or a smaller batch.length")
        }
        self.training = training
        self.heldOut = heldOut
        if recipe.data.tokens != "bytes" { try checkVocabulary(recipe.model.vocabulary, urls) }
    }

    /// Whether anything is held out.
    package var hasHeldOutPart: Bool { !heldOut.isEmpty }

    private static func urls(_ path: String) throws -> [URL] {
        let url = URL(filePath: path)
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw RecipeError("data.path: \(path) does not exist: name a text file or a folder of them")
        }
        guard isDirectory.boolValue else { return [url] }
        let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }.sorted()
        let files = names.map { url.appending(path: $0) }.filter { !$0.hasDirectoryPath }
        guard !files.isEmpty else { throw RecipeError("data.path: \(path) is an empty folder: put text files into it") }
        return files
    }

    private func checkVocabulary(_ vocabulary: Int, _ urls: [URL]) throws {
        for (index, data) in files.enumerated() {
            for position in 0..<data.count / width {
                let token = token(index, position)
                guard token < vocabulary else {
                    throw RecipeError(
                        "data.path: \(urls[index].path) has token \(token) at \(position), but model.vocabulary is "
                            + "\(vocabulary): give at least \(token + 1)")
                }
            }
        }
    }

    private func token(_ file: Int, _ position: Int) -> Int {
        let data = files[file]
        return (0..<width).reduce(0) { $0 | Int(data[position * width + $1]) << (8 * $1) }
    }

    /// A run of `count` tokens that depends on the part, the step and the sequence's number in the global batch alone.
    package func window(_ part: Part, step: Int, sequence: Int, count: Int) -> [Int] {
        let pieces = part == .training ? training : heldOut
        // Each start is as likely as any other.
        let starts = pieces.reduce(0) { $0 + $1.count - count + 1 }
        var generator = SplitMix64(seed: seed, part == .training ? 1 : 2, UInt64(step), UInt64(sequence))
        var start = Int(generator.next() % UInt64(starts))
        for piece in pieces {
            let room = piece.count - count + 1
            if start < room { return (0..<count).map { token(piece.file, piece.start + start + $0) } }
            start -= room
        }
        preconditionFailure("a start lies in one of the pieces")
    }
}
