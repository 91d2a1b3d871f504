import Foundation
import LibTorch
import TrainingRuns

/// A reader of safetensors files, which gives tensors by name. The files are mapped into memory.
///
/// Source: Hugging Face's documentation of safetensors.
struct SafetensorsReader {
    private struct Entry {
        let file: Int
        let type: ElementType
        let shape: [Int]
        let range: Range<Int>
    }

    private var files: [Data] = []
    private var entries: [String: Entry] = [:]

    /// Opens files.
    ///
    /// - Throws: `SavedStateError` if a file cannot be read or is incomplete.
    init(_ urls: [URL]) throws {
        for url in urls {
            guard let data = try? Data(contentsOf: url, options: .alwaysMapped) else {
                throw SavedStateError("\(url.relativePath) cannot be read: do all ranks use the same file system?")
            }
            files.append(data)
            guard read(data) else { throw SavedStateError("\(url.relativePath) is not a complete safetensors file") }
        }
    }

    /// Returns a copy of the tensor with the given name and shape.
    ///
    /// - Throws: `SavedStateError` if there is no such tensor.
    func tensor(_ name: String, shape: [Int]) throws -> Tensor {
        guard let entry = entries[name], entry.shape == shape else {
            throw SavedStateError(
                "the saved files have no tensor '\(name)' of shape \(shape): were they saved with another recipe?")
        }
        return try Tensor.filled(entry.shape, entry.type) { $0.copyBytes(from: files[entry.file][entry.range]) }
    }

    /// Reads the header of the last file and returns whether the file is complete.
    private mutating func read(_ data: Data) -> Bool {
        guard data.count >= 8 else { return false }
        let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(data[$1]) << (8 * UInt64($1)) }
        guard length <= UInt64(data.count - 8) else { return false }
        let start = 8 + Int(length)
        guard let header = try? JSONSerialization.jsonObject(with: data[8..<start]) as? [String: Any] else {
            return false
        }
        for (name, value) in header where name != "__metadata__" {
            guard let fields = value as? [String: Any], let shape = fields["shape"] as? [Int],
                let offsets = fields["data_offsets"] as? [Int], offsets.count == 2, offsets[0] >= 0,
                offsets[0] <= offsets[1], offsets[1] <= data.count - start,
                let type = ElementType.allCases.first(where: { $0.safetensorsName == fields["dtype"] as? String }),
                offsets[1] - offsets[0] == Self.byteCount(shape, type)
            else { return false }
            entries[name] = Entry(
                file: files.count - 1, type: type, shape: shape, range: start + offsets[0]..<start + offsets[1])
        }
        return true
    }

    /// Returns the number of bytes of a tensor; nil if the shape is impossible.
    private static func byteCount(_ shape: [Int], _ type: ElementType) -> Int? {
        shape.reduce(Int?.some(type.byteCount)) { product, size in
            guard let product, size >= 0 else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: size)
            return overflow ? nil : next
        }
    }
}
