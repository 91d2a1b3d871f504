import Foundation
import LibTorch
import TrainingRuns

/// A reader of safetensors files, which gives tensors by name.
///
/// Besides the types of ``ElementType``, it reads float8 (e4m3) with a scale per block of 128 x 128 elements, which
/// DeepSeek-V3 is published in, as float32. The scales are the tensor with the suffix `_scale_inv`.
///
/// Source: Hugging Face's documentation of safetensors.
struct SafetensorsReader {
    private struct Entry {
        let file: OpenFile
        let type: StoredType
        let shape: [Int]
        let range: Range<Int>
    }

    private var entries: [String: Entry] = [:]
    /// The folder of the files, or the only file, in messages.
    private let origin: String

    /// The largest header that is read, in bytes: about 300,000 tensors.
    private static let headerLimit = 1 << 25

    /// Reads the headers of files.
    ///
    /// - Throws: `SavedStateError` if a file is incomplete or not a safetensors file, or if two files have a tensor of
    ///   the same name; `RunFileError` if a file cannot be read.
    init(_ files: [OpenFile]) throws {
        let paths = files.map(\.path)
        let folders = Set(paths.map { $0[..<($0.lastIndex(of: "/") ?? $0.startIndex)] })
        origin = paths.count > 1 && folders.count == 1 ? String(folders.first ?? "") : paths.joined(separator: ", ")
        for file in files {
            for (name, entry) in try Self.header(of: file) where entries.updateValue(entry, forKey: name) != nil {
                throw SavedStateError("\(file.path) has the tensor '\(name)', which another file has too")
            }
        }
    }

    /// Returns a copy of the tensor with the given name and shape.
    ///
    /// - Throws: `SavedStateError` if there is no such tensor.
    func tensor(_ name: String, shape: [Int]) throws -> Tensor {
        guard let entry = entries[name] else {
            throw SavedStateError("\(origin) has no tensor '\(name)': was it saved with another [model]?")
        }
        guard entry.shape == shape else {
            throw SavedStateError(
                "\(entry.file.path): '\(name)' has the shape \(entry.shape), but the recipe's [model] gives \(shape)")
        }
        switch entry.type {
        case .other(let type):
            throw SavedStateError(
                "\(entry.file.path): '\(name)' is of type \(type): convert it to float32, bfloat16, float64 or float8 "
                    + "(F8_E4M3)")
        case .element(let type):
            return try Tensor.filled(shape, type) { try entry.file.read(into: $0, at: entry.range.lowerBound) }
        case .float8:
            guard shape.count == 2 else {
                throw SavedStateError("\(entry.file.path): '\(name)' is float8 with a shape of \(shape), not a matrix")
            }
            let blocks = shape.map { ($0 + BlockScales.size - 1) / BlockScales.size }
            let scales = try tensor(name + Self.scaleSuffix, shape: blocks).converted(to: .float64).doubles()
            return try Self.tensor(
                BlockScales(scales, columns: blocks[1]).values(entry.file.bytes(entry.range), columns: shape[1]), shape)
        }
    }

    /// Returns whether there is a tensor of the name.
    func has(_ name: String) -> Bool { entries[name] != nil }

    /// The names of all tensors but the scales of blocks.
    var names: [String] { entries.keys.filter { !$0.hasSuffix(Self.scaleSuffix) } }

    private static let scaleSuffix = "_scale_inv"

    private static func tensor(_ values: [Float], _ shape: [Int]) throws -> Tensor {
        try Tensor.filled(shape, .float32) { bytes in values.withUnsafeBytes { bytes.copyMemory(from: $0) } }
    }

    private static func header(of file: OpenFile) throws -> [String: Entry] {
        let damaged = SavedStateError("\(file.path) is not a complete safetensors file")
        guard file.size >= 8 else { throw damaged }
        let length = try file.bytes(0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(min(file.size - 8, headerLimit)) else { throw damaged }
        let start = 8 + Int(length)
        guard let header = try? JSONSerialization.jsonObject(with: file.bytes(8..<start)) as? [String: Any] else {
            throw damaged
        }
        var entries: [String: Entry] = [:]
        for (name, value) in header where name != "__metadata__" {
            guard let entry = entry(value, of: file, start: start) else { throw damaged }
            entries[name] = entry
        }
        // The tensors cover the file without gaps, so that each byte belongs to one tensor.
        var position = start
        let ranges = entries.values.map(\.range)
        for range in ranges.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
            guard range.lowerBound == position else { throw damaged }
            position = range.upperBound
        }
        guard position == file.size else { throw damaged }
        return entries
    }

    /// Returns the entry of a tensor in a header; nil if it is damaged.
    private static func entry(_ value: Any, of file: OpenFile, start: Int) -> Entry? {
        guard let fields = value as? [String: Any], let shape = fields["shape"] as? [Int],
            let offsets = fields["data_offsets"] as? [Int], offsets.count == 2, offsets[0] >= 0,
            offsets[0] <= offsets[1], offsets[1] <= file.size - start,
            let type = (fields["dtype"] as? String).map(StoredType.init),
            type.byteCount == nil || offsets[1] - offsets[0] == byteCount(shape, type)
        else { return nil }
        return Entry(file: file, type: type, shape: shape, range: start + offsets[0]..<start + offsets[1])
    }

    /// Returns the number of bytes of a tensor; nil if the shape is impossible.
    private static func byteCount(_ shape: [Int], _ type: StoredType) -> Int? {
        shape.reduce(type.byteCount) { product, size in
            guard let product, size >= 0 else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: size)
            return overflow ? nil : next
        }
    }
}
