import PipelineRuntime
import Foundation
import MoEModels
public import TrainingRuns

extension Trainer {
    /// Writes the parameters that this rank answers for; rank 0 adds the files that describe them all. The folder is one
    /// that Hugging Face's transformers opens, where it knows the model.
    public func saveWeights(to folder: RunFolder) throws {
        try FileManager.default.createDirectory(at: folder.weights, withIntermediateDirectories: true)
        let shards = WeightShards(model: model, map: map, grid: grid)
        try shards.write(parameters.set, rank: rank, to: folder)
        guard rank == 0 else { return }
        try shards.writeIndex(elementType: elementType, to: folder)
        if let configuration = model.storedConfiguration {
            try Data(configuration.utf8).write(to: folder.weightsConfiguration, options: .atomic)
        }
    }
}
