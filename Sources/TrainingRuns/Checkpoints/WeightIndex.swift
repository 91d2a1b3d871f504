package import Foundation

/// The file of each tensor: `model.safetensors.index.json`, in the format of Hugging Face's transformers.
package struct WeightIndex: Codable {
    package struct Metadata: Codable {
        /// The number of bytes of all tensors.
        package let totalSize: Int

        enum CodingKeys: String, CodingKey {
            case totalSize = "total_size"
        }
    }

    private let metadata: Metadata?
    /// The file name of each tensor.
    package let files: [String: String]

    enum CodingKeys: String, CodingKey {
        case metadata
        case files = "weight_map"
    }

    package static let fileName = "model.safetensors.index.json"
    /// The largest size that is read, in bytes.
    private static let sizeLimit = 1 << 26

    /// - Parameters:
    ///   - files: The file name of each tensor.
    ///   - totalSize: The number of bytes of all tensors.
    package init(files: [String: String], totalSize: Int) {
        self.files = files
        metadata = Metadata(totalSize: totalSize)
    }

    /// Reads the index in a folder and returns the names of the safetensors files, sorted: those that the index names
    /// or, without an index, all.
    ///
    /// - Throws: ``SavedStateError`` or ``RunFileError`` if there are none, or the index is damaged.
    package static func fileNames(in folder: OpenFolder, open: (String) throws -> OpenFile) throws -> [String] {
        var names = try folder.names().filter { $0.hasSuffix(".safetensors") }
        if folder.has(fileName) {
            let file = try open(fileName)
            guard let index = try? JSONDecoder().decode(WeightIndex.self, from: file.bytes(limit: sizeLimit)) else {
                throw SavedStateError("\(file.path) is not an index of safetensors files")
            }
            names = Set(index.files.values).sorted()
            if let name = names.first(where: { !OpenFolder.isPlain($0) }) {
                throw SavedStateError("\(file.path) names '\(name)', which is not a file in its folder")
            }
        }
        guard !names.isEmpty else { throw SavedStateError("\(folder.path) has no safetensors files") }
        return names
    }

    package func data() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
