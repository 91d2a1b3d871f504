import Foundation
import LibTorch
package import MoEModels
import TrainingRecipes
package import TrainingRuns

/// The weights that a run has saved, read from its safetensors files.
package struct SavedWeights {
    private let reader: SafetensorsReader

    /// Opens the weights of a run: the files that the index names or, without an index, all files.
    ///
    /// - Throws: `SavedStateError` if there are no files, or one is incomplete.
    package init(_ folder: RunFolder) throws {
        let names = try Self.fileNames(folder)
        guard !names.isEmpty else {
            throw SavedStateError(
                "\(folder.url.relativePath) has no weights: its training has not ended, or checkpoint.enable was false")
        }
        reader = try SafetensorsReader(names.map { folder.weights.appending(path: $0) })
    }

    private static func fileNames(_ folder: RunFolder) throws -> [String] {
        if let data = try? Data(contentsOf: folder.weightsIndex) {
            guard let index = try? JSONDecoder().decode(WeightIndex.self, from: data) else {
                throw SavedStateError("\(folder.weightsIndex.relativePath) is not an index of safetensors files")
            }
            return Set(index.files.values).sorted()
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.weights.path)) ?? []
        return names.filter { $0.hasSuffix(".safetensors") }.sorted()
    }

    /// Returns all parameters of a model, with all experts on one rank.
    package func parameters(of model: some PipelineModel) throws -> ParameterSet {
        var set = ParameterSet(share: ParameterSet.ExpertShare(index: 0, count: 1))
        for specification in model.parameters(ofStage: 0, of: 1) {
            func whole(expert: Int?) throws -> Tensor {
                let parts = model.storedTensors(of: specification, expert: expert).filter { !$0.isCopy }
                guard parts.count > 1 else {
                    return try reader.tensor(parts.first?.name ?? specification.name, shape: specification.shape)
                }
                return try .concatenated(
                    try parts.map { part in
                        try reader.tensor(part.name, shape: [part.rows.count] + specification.shape.dropFirst())
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
