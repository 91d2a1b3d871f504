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

    /// A path of `training.dataset_path`, and its files.
    public struct Source: Sendable {
        /// The path.
        public let path: String
        /// The description of the tokens; nil if the path has none.
        public let description: TokenDescription?
        /// The indices of the files in ``TokenFiles/files``.
        public let files: Range<Int>
    }

    /// The files of all sources, sorted by name within each source.
    public let files: [File]
    /// The sources, in the order of `training.dataset_path`.
    public let sources: [Source]
    /// The format of the tokens in the files.
    public let format: DatasetFormat

    /// Opens the files that `training.dataset_path` names: files, the files of folders, and the files that the
    /// descriptions of folders name.
    ///
    /// Hidden files, subfolders and empty files are skipped.
    ///
    /// - Throws: ``RecipeError`` if there is no such file, if a file cannot be read, if all files of a source are empty,
    ///   if the size of a file is not that of its tokens, or if sources have tokens of different kinds.
    public init(_ recipe: Recipe) throws(RecipeError) {
        format = recipe.training.datasetFormat
        var files: [File] = []
        sources = try recipe.training.datasetPath.map { path throws(RecipeError) in
            let description = try TokenDescription.read(in: path)
            let opened = if let description { try Self.files(description, in: path) } else { try Self.files(at: path) }
            guard !opened.isEmpty else {
                throw RecipeError("training.dataset_path: \(path) is empty: give text to train on")
            }
            files += opened
            return Source(path: path, description: description, files: files.count - opened.count..<files.count)
        }
        self.files = files
        try checkKinds()
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

    private static func files(at path: String) throws(RecipeError) -> [File] {
        try paths(path).map { path throws(RecipeError) in File(path: path, bytes: try map(path)) }
            .filter { !$0.bytes.isEmpty }
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
                [path] == Recipe.TrainingSection().datasetPath
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

    static func map(_ path: String) throws(RecipeError) -> Data {
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
