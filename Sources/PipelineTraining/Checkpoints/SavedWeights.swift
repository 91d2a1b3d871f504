import Foundation
import LibTorch
package import MoEModels
import TrainingRecipes
package import TrainingRuns

/// The weights that a run has saved, read from its safetensors files.
package struct SavedWeights {
    private let reader: SafetensorsReader
    /// Whether the files have a manifest with their checksums.
    package let isVerified: Bool

    /// Opens the weights of a run and checks them against their manifest. Weights that another program put into the
    /// folder have none; their files are those that the index names or, without an index, all.
    ///
    /// - Throws: `SavedStateError` or `RunFileError` if there are no files, or one is damaged.
    package init(_ run: RunFolder) throws {
        let (folder, manifest) = try WeightsFolder(run).verified()
        let names = try manifest?.files.map(\.name) ?? WeightIndex.fileNames(in: folder, open: folder.file)
        isVerified = manifest != nil
        let files = names.filter { $0.hasSuffix(".safetensors") }
        guard !files.isEmpty else { throw SavedStateError("\(folder.path) has no safetensors files") }
        reader = try SafetensorsReader(files.map { try folder.file($0) })
    }

    /// Returns all parameters of a model, with all experts on one rank.
    package func parameters(of model: some PipelineModel) throws -> ParameterSet {
        let share = ParameterSet.ExpertShare(index: 0, count: 1)
        var set = ParameterSet(share: share)
        for specification in model.parameters(ofStage: 0, of: 1) {
            set.add(
                specification.name,
                try reader.parameter(specification, of: model, experts: set.experts(of: specification)))
        }
        return set
    }
}
