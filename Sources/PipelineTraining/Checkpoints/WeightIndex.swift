import Foundation
import TrainingRuns

/// The file of each tensor: `model.safetensors.index.json`, in the format of Hugging Face's transformers.
struct WeightIndex: Codable {
    struct Metadata: Codable {
        /// The number of bytes of all tensors.
        let totalSize: Int

        enum CodingKeys: String, CodingKey {
            case totalSize = "total_size"
        }
    }

    let metadata: Metadata?
    /// The file name of each tensor.
    let files: [String: String]

    enum CodingKeys: String, CodingKey {
        case metadata
        case files = "weight_map"
    }

    static let fileName = "model.safetensors.index.json"
    /// The largest size that is read, in bytes.
    static let sizeLimit = 1 << 26

    /// Returns the names of the files in the content of an index, sorted.
    ///
    /// - Parameter path: The path of the index in the message.
    /// - Throws: `SavedStateError` if the content is not an index.
    static func fileNames(in content: Data, path: String) throws(SavedStateError) -> [String] {
        guard let index = try? JSONDecoder().decode(WeightIndex.self, from: content) else {
            throw SavedStateError("\(path) is not an index of safetensors files")
        }
        return Set(index.files.values).sorted()
    }

    func data() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
