import Foundation

/// Which file of several has which tensor: `model.safetensors.index.json`, as Hugging Face's transformers writes it.
struct WeightIndex: Codable {
    struct Metadata: Codable {
        /// Bytes of all tensors.
        let totalSize: Int

        enum CodingKeys: String, CodingKey {
            case totalSize = "total_size"
        }
    }

    let metadata: Metadata?
    /// The file's name of each tensor.
    let files: [String: String]

    enum CodingKeys: String, CodingKey {
        case metadata
        case files = "weight_map"
    }

    func data() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
