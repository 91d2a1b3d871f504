import DistributedRuntime
public import Foundation
import LibTorch
import MoEModels
import PipelineRuntime
public import TrainingRuns

extension Trainer {
    /// Saves a checkpoint: parameters, the optimizer's moments and the step.
    ///
    /// All ranks must call it. The previous checkpoint is deleted once the new one is completely written, so that an
    /// interruption always leaves a complete checkpoint.
    ///
    /// - Throws: A Cocoa error if the folder cannot be written.
    public func saveCheckpoint(to url: URL, step: Int) throws {
        let folder = CheckpointFolder(url: url)
        var file = SafetensorsFile()
        try parameters.addState(to: &file)
        try file.write(to: try folder.file(rank: rank, step: step))
        try control?.barrier()
        if rank == 0 { try folder.publish(step: step, rankCount: control?.size ?? 1) }
    }

    /// Loads the latest checkpoint that ``saveCheckpoint(to:step:)`` has saved, under this layout or another.
    ///
    /// - Returns: The step after which the checkpoint was saved.
    /// - Throws: `SavedStateError` if there is no complete checkpoint, or it is of another model.
    public func loadCheckpoint(from url: URL) throws -> Int {
        let latest = try CheckpointFolder(url: url).latest()
        try parameters.loadState(from: SafetensorsReader(latest.files))
        return latest.step
    }

    /// Writes the parameters that this rank owns. Rank 0 adds the index, the model's configuration and the tokenizer of
    /// the training data. Hugging Face's transformers opens the folder if it knows the model.
    public func saveWeights(to folder: RunFolder) throws {
        try FileManager.default.createDirectory(at: folder.weights, withIntermediateDirectories: true)
        let shards = WeightShards(model: model, map: map, grid: grid)
        try shards.write(parameters.set, rank: rank, to: folder)
        guard rank == 0 else { return }
        try shards.writeIndex(to: folder)
        if let configuration = model.storedConfiguration {
            try Data(configuration.utf8).write(to: folder.weightsConfiguration, options: .atomic)
        }
        try folder.addTokenizerToWeights()
    }
}
