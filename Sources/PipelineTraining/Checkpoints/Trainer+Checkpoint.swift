import DistributedRuntime
public import Foundation
import LibTorch
import MoEModels
import PipelineRuntime
public import TrainingRuns

extension Trainer {
    /// Saves everything that training goes on from: parameters, the optimizer's moments and the step.
    ///
    /// All ranks call it. What was saved before is deleted once all of this is written, so that whatever interrupts it
    /// leaves one that is whole.
    ///
    /// - Throws: A Cocoa error where the folder cannot be written.
    public func saveCheckpoint(to url: URL, step: Int) throws {
        let folder = CheckpointFolder(url: url)
        var file = SafetensorsFile()
        try parameters.addState(to: &file)
        try file.write(to: try folder.file(rank: rank, step: step))
        try control?.barrier()
        if rank == 0 { try folder.publish(step: step, rankCount: control?.size ?? 1) }
    }

    /// Takes over what ``saveCheckpoint(to:step:)`` has saved, under this layout or another.
    ///
    /// - Returns: The step after which it was saved.
    /// - Throws: `SavedStateError` where there is nothing whole, or it is of another model.
    public func loadCheckpoint(from url: URL) throws -> Int {
        let latest = try CheckpointFolder(url: url).latest()
        try parameters.loadState(from: SafetensorsReader(latest.files))
        return latest.step
    }

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
