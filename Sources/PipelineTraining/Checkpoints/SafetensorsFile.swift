import Foundation
import LibTorch

/// A file in the safetensors format: the length of the header, the header as JSON, and the bytes of the tensors.
///
/// Source: Hugging Face's documentation of safetensors.
struct SafetensorsFile {
    private var header: [(name: String, type: String, shape: [Int], range: Range<Int>)] = []
    private var tensors: [Tensor] = []
    private var byteCount = 0

    mutating func add(_ name: String, _ tensor: Tensor) throws {
        let contiguous = try tensor.contiguous()
        let end = byteCount + contiguous.byteCount
        header.append((name, try contiguous.type.safetensorsName, contiguous.shape, byteCount..<end))
        tensors.append(contiguous)
        byteCount = end
    }

    /// Returns the content of the file: a copy of the tensors, which may change afterwards.
    func data() throws -> Data {
        let entries = header.map { entry in
            let shape = entry.shape.map(String.init).joined(separator: ",")
            return #""\#(entry.name)":{"dtype":"\#(entry.type)","shape":[\#(shape)],"#
                + #""data_offsets":[\#(entry.range.lowerBound),\#(entry.range.upperBound)]}"#
        }
        // Readers such as transformers require the framework that the tensors are for.
        var text = "{" + ([#""__metadata__":{"format":"pt"}"#] + entries).joined(separator: ",") + "}"
        text += String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
        var data = Data(capacity: 8 + text.utf8.count + byteCount)
        withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { data.append(contentsOf: $0) }
        data.append(contentsOf: text.utf8)
        for tensor in tensors { try tensor.withBytes { data.append(contentsOf: $0) } }
        return data
    }
}

extension ElementType {
    /// The name of the type in safetensors files.
    var safetensorsName: String {
        switch self {
        case .float32: "F32"
        case .float64: "F64"
        case .bfloat16: "BF16"
        case .int64: "I64"
        case .bool: "BOOL"
        }
    }
}
