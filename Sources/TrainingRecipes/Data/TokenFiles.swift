public import Foundation
import SystemPackage

/// The files that a recipe learns from, mapped into memory and known to be usable.
///
/// The launcher and the ranks open the same files by this type. Opening looks at names and sizes alone;
/// ``checkContents(vocabulary:)`` reads every byte once, and is for whoever is first.
public struct TokenFiles: Sendable {
    /// One file.
    public struct File: Sendable {
        /// Its path, as the recipe gives it.
        public let path: String
        /// Its bytes, mapped.
        public let bytes: Data
    }

    /// The files in the order of their names.
    public let files: [File]
    /// The form of tokens in the files.
    public let format: DatasetFormat

    /// Opens the file, or the files of the folder, that `training.dataset_path` names.
    ///
    /// Hidden files and folders within the folder are left out, and so are empty files unless all are.
    ///
    /// - Throws: ``RecipeError`` where there is no such file, one cannot be read, there is nothing in them, or their size
    ///   is not a whole number of tokens.
    public init(_ recipe: Recipe) throws(RecipeError) {
        format = recipe.training.datasetFormat
        files = try Self.paths(recipe.training.datasetPath).map { path throws(RecipeError) in
            File(path: path, bytes: try Self.map(path))
        }.filter { !$0.bytes.isEmpty }
        guard !files.isEmpty else {
            throw RecipeError("training.dataset_path: \(recipe.training.datasetPath) is empty: give text to learn from")
        }
        for file in files where !file.bytes.count.isMultiple(of: format.width) {
            throw RecipeError(
                "training.dataset_path: \(file.path) has \(file.bytes.count) bytes, but \(format.rawValue) takes a "
                    + "multiple of \(format.width): is training.dataset_format what the file holds?")
        }
    }

    /// Tokens of a file.
    public func tokenCount(ofFile file: Int) -> Int { files[file].bytes.count / format.width }

    /// Tokens of all files.
    public var tokenCount: Int { files.indices.reduce(0) { $0 + tokenCount(ofFile: $1) } }

    /// Bytes of all files.
    public var byteCount: Int { files.reduce(0) { $0 + $1.bytes.count } }

    /// The tokens at `range` of a file.
    ///
    /// - Precondition: `range` lies in 0 ..< ``tokenCount(ofFile:)``.
    public func tokens(_ range: Range<Int>, ofFile file: Int) -> [Int] {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= tokenCount(ofFile: file), "tokens \(range) are not in the file"
        )
        return files[file].bytes.withUnsafeBytes { bytes in
            switch format {
            case .bytes, .uint8: range.map { Int(bytes[$0]) }
            case .uint16: range.map { Int(bytes.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self).littleEndian) }
            case .uint32: range.map { Int(bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self).littleEndian) }
            }
        }
    }

    private static func paths(_ path: String) throws(RecipeError) -> [String] {
        guard !path.isEmpty else {
            throw RecipeError("training.dataset_path is empty: name a text file or a folder of them")
        }
        switch Result(catching: { () throws(Errno) in try Stat(FilePath(path)).type }) {
        case .success(.regular): return [path]
        case .success(.directory): break
        case .success:
            throw RecipeError(
                "training.dataset_path: \(path) is neither a file nor a folder: write its text to a file first")
        case .failure(let error) where error == .noSuchFileOrDirectory || error == .notDirectory:
            let remedy =
                path == Recipe.TrainingSection().datasetPath
                ? "run 'make data' for Shakespeare's works, or name a text file or a folder of them"
                : "name a text file or a folder of them"
            throw RecipeError("training.dataset_path: \(path) does not exist: \(remedy)")
        case .failure(let error): throw unreadable(path, error)
        }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw RecipeError("training.dataset_path: \(path) cannot be read: is it a folder that you may read?")
        }
        let files = names.filter { !$0.hasPrefix(".") }.sorted()
            .map { FilePath(path).appending($0) }
            .filter { (try? Stat($0).type) == .regular }.map(\.string)
        guard !files.isEmpty else {
            throw RecipeError("training.dataset_path: \(path) is a folder without files: put text files into it")
        }
        return files
    }

    private static func map(_ path: String) throws(RecipeError) -> Data {
        do {
            return try Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
        } catch {
            throw unreadable(path, .permissionDenied)
        }
    }

    private static func unreadable(_ path: String, _ error: Errno) -> RecipeError {
        RecipeError("training.dataset_path: \(path) cannot be read: \(error): give one that you may read")
    }
}
