import Foundation
import LibTorch
package import MoEModels
import TrainingRecipes
package import TrainingRuns

/// The weights that a run has saved, read from its safetensors files.
package struct SavedWeights {
    private struct Entry {
        let file: Int
        let type: ElementType
        let shape: [Int]
        let range: Range<Int>
    }

    private var files: [Data] = []
    private var entries: [String: Entry] = [:]

    /// Opens a run's files: those that the index names, else all.
    ///
    /// - Throws: `RecipeError` where there are none, or one is not whole.
    package init(_ folder: RunFolder) throws {
        let paths = try Self.fileNames(folder)
        guard !paths.isEmpty else {
            throw RecipeError("\(folder.url.relativePath) has no weights: has its training ended?")
        }
        for (index, name) in paths.enumerated() {
            let url = folder.weights.appending(path: name)
            guard let data = try? Data(contentsOf: url, options: .alwaysMapped) else {
                throw RecipeError("\(url.relativePath) cannot be read: has its training ended on every rank?")
            }
            files.append(data)
            guard try read(data, file: index) else {
                throw RecipeError("\(url.relativePath) is not a whole safetensors file")
            }
        }
    }

    private static func fileNames(_ folder: RunFolder) throws -> [String] {
        if let data = try? Data(contentsOf: folder.weightsIndex) {
            guard let index = try? JSONDecoder().decode(WeightIndex.self, from: data) else {
                throw RecipeError("\(folder.weightsIndex.relativePath) is not an index of weights")
            }
            return Set(index.files.values).sorted()
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.weights.path)) ?? []
        return names.filter { $0.hasSuffix(".safetensors") }.sorted()
    }

    private mutating func read(_ data: Data, file: Int) throws -> Bool {
        let types = ["F32": ElementType.float32, "F64": .float64, "BF16": .bfloat16, "I64": .int64, "BOOL": .bool]
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
                let type = (fields["dtype"] as? String).flatMap({ types[$0] }),
                offsets[1] - offsets[0] == Self.byteCount(shape, type)
            else { return false }
            entries[name] = Entry(file: file, type: type, shape: shape, range: start + offsets[0]..<start + offsets[1])
        }
        return true
    }

    /// The bytes of a tensor; nil where its shape is impossible.
    private static func byteCount(_ shape: [Int], _ type: ElementType) -> Int? {
        shape.reduce(Int?.some(type.byteCount)) { product, size in
            guard let product, size >= 0 else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: size)
            return overflow ? nil : next
        }
    }

    private func tensor(_ name: String, shape: [Int]) throws -> Tensor {
        guard let entry = entries[name], entry.shape == shape else {
            throw RecipeError(
                "the saved weights have no '\(name)' of shape \(shape): were they saved with another recipe?")
        }
        let tensor = try Tensor.empty(entry.shape, entry.type)
        try tensor.withBytes { $0.copyBytes(from: files[entry.file][entry.range]) }
        return tensor
    }

    /// All parameters of a model on one rank.
    package func parameters(of model: some PipelineModel) throws -> ParameterSet {
        var set = ParameterSet(share: ParameterSet.ExpertShare(index: 0, count: 1))
        for specification in model.parameters(ofStage: 0, of: 1) {
            func whole(expert: Int?) throws -> Tensor {
                let parts = model.storedTensors(of: specification, expert: expert).filter { !$0.isCopy }
                guard parts.count > 1 else {
                    return try tensor(parts.first?.name ?? specification.name, shape: specification.shape)
                }
                return try .concatenated(
                    try parts.map { part in
                        try tensor(part.name, shape: [part.rows.count] + specification.shape.dropFirst())
                    }, along: 0)
            }
            guard let experts = specification.expertCount else {
                set.add(specification.name, try whole(expert: nil))
                continue
            }
            let stacked = try (0..<experts).map { try whole(expert: $0).reshaped([1] + specification.shape) }
            set.add(specification.name, try Tensor.concatenated(stacked, along: 0))
        }
        return set
    }
}
