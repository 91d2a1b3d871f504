public import Foundation
import SystemPackage

/// The files of a recipe's dataset, mapped into memory.
///
/// The launcher and the ranks open the same files. Opening checks only names and sizes. ``checkContents(vocabulary:)``
/// also checks the tokens. The launcher calls it once for all ranks; without a launcher, each rank calls it.
public struct TokenFiles: Sendable {
    /// A file of a dataset.
    public struct File: Sendable {
        /// The path, relative if `training.dataset_path` is relative.
        public let path: String
        /// The bytes, mapped into memory.
        public let bytes: Data
    }

    /// The files, sorted by name.
    public let files: [File]
    /// The format of the tokens in the files.
    public let format: DatasetFormat

    /// Opens the file, or the files of the folder, that `training.dataset_path` names.
    ///
    /// Hidden files, subfolders and empty files are skipped.
    ///
    /// - Throws: ``RecipeError`` if there is no such file, if a file cannot be read, if all files are empty, or if the
    ///   size of a file is not a whole number of tokens.
    public init(_ recipe: Recipe) throws(RecipeError) {
        format = recipe.training.datasetFormat
        files = try Self.paths(recipe.training.datasetPath).map { path throws(RecipeError) in
            File(path: path, bytes: try Self.map(path))
        }.filter { !$0.bytes.isEmpty }
        guard !files.isEmpty else {
            throw RecipeError("training.dataset_path: \(recipe.training.datasetPath) is empty: give text to train on")
        }
        for file in files where !file.bytes.count.isMultiple(of: format.width) {
            throw RecipeError(
                "training.dataset_path: \(file.path) has \(file.bytes.count) "
                    + "\(file.bytes.count == 1 ? "byte" : "bytes"), but \(format.rawValue) needs a "
                    + "multiple of \(format.width): give another training.dataset_format")
        }
    }

    /// Returns the number of tokens in a file.
    public func tokenCount(ofFile file: Int) -> Int { files[file].bytes.count / format.width }

    /// The number of tokens in all files.
    public var tokenCount: Int { files.indices.reduce(0) { $0 + tokenCount(ofFile: $1) } }

    /// The number of bytes in all files.
    public var byteCount: Int { files.reduce(0) { $0 + $1.bytes.count } }

    /// Returns the tokens at `range` in a file.
    ///
    /// - Precondition: `range` is within 0 ..< ``tokenCount(ofFile:)``.
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
            throw RecipeError("training.dataset_path is empty: name a text file or a folder of text files")
        }
        switch Result(catching: { () throws(Errno) in try Stat(FilePath(path)).type }) {
        case .success(.regular): return [path]
        case .success(.directory): break
        case .success:
            throw RecipeError(
                "training.dataset_path: \(path) is neither a file nor a folder: copy its text to a file first")
        case .failure(let error) where error == .noSuchFileOrDirectory || error == .notDirectory:
            let remedy =
                path == Recipe.TrainingSection().datasetPath
                ? "run 'make data' for Shakespeare's works, or name a text file or a folder of text files"
                : "name a text file or a folder of text files"
            throw RecipeError("training.dataset_path: \(path) does not exist: \(remedy)")
        case .failure(let error): throw unreadable(path, error)
        }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw RecipeError("training.dataset_path: \(path) cannot be read: give a folder with read permission")
        }
        let files = names.filter { !$0.hasPrefix(".") }.sorted()
            .map { FilePath(path).appending($0) }
            .filter { (try? Stat($0).type) == .regular }.map(\.string)
        guard !files.isEmpty else {
            throw RecipeError("training.dataset_path: \(path) has no files: put text files into the folder")
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
        RecipeError("training.dataset_path: \(path) cannot be read: \(error): give a file with read permission")
    }
}
