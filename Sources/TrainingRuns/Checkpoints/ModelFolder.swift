import Foundation

/// A folder with the weights of a Hugging Face model, which belongs to the user. Its files may be links, as in Hugging
/// Face's cache.
package enum ModelFolder {
    /// Opens the safetensors files of the weights.
    ///
    /// - Throws: ``SavedStateError`` or ``RunFileError`` if a file is missing.
    package static func files(_ path: String) throws -> [OpenFile] {
        let url = URL(filePath: path, directoryHint: .isDirectory)
        func open(_ name: String) throws -> OpenFile { try OpenFile(url.appending(path: name)) }
        do {
            return try WeightIndex.fileNames(in: OpenFolder(url), open: open).map(open)
        } catch {
            throw SavedStateError("model.weights: \(error): give the folder of a Hugging Face model")
        }
    }
}
