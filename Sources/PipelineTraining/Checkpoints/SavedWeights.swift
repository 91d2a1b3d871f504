import Foundation
import LibTorch
package import MoEModels
import TrainingRecipes
package import TrainingRuns

/// The weights that a run has saved, read from its safetensors files.
package struct SavedWeights {
    private let reader: SafetensorsReader

    /// Opens the weights of a run and checks them against their manifest. Weights that another program put into the
    /// folder have none; their files are those that the index names or, without an index, all.
    ///
    /// - Throws: `SavedStateError` or `RunFileError` if there are no files, or one is damaged.
    package init(_ run: RunFolder) throws {
        let (folder, manifest) = try WeightsFolder(run).verified()
        let names = try manifest?.files.map(\.name) ?? Self.fileNames(in: folder)
        let files = names.filter { $0.hasSuffix(".safetensors") }
        guard !files.isEmpty else { throw SavedStateError("\(folder.path) has no safetensors files") }
        reader = try SafetensorsReader(files.map { try folder.file($0) })
    }

    private static func fileNames(in folder: OpenFolder) throws -> [String] {
        guard folder.has(WeightIndex.fileName) else { return try folder.names() }
        let data = try folder.read(WeightIndex.fileName, limit: WeightIndex.sizeLimit)
        return try WeightIndex.fileNames(in: data, path: "\(folder.path)/\(WeightIndex.fileName)")
    }

    /// Returns all parameters of a model, with all experts on one rank.
    package func parameters(of model: some PipelineModel) throws -> ParameterSet {
        let share = ParameterSet.ExpertShare(index: 0, count: 1)
        var set = ParameterSet(share: share)
        for specification in model.parameters(ofStage: 0, of: 1) {
            set.add(specification.name, try reader.parameter(specification, of: model, share: share))
        }
        return set
    }
}
