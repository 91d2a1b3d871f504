package import DistributedRuntime
public import Foundation
import LibTorch
import TrainingRuns

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
}
