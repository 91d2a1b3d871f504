import Foundation

extension RunFolder {
    /// Creates the folder if it does not exist, and returns this description of it.
    package func created() throws -> RunFolder {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return self
    }

    /// Renames the folder of checkpoints to `checkpoint-1`, or to the first such name that is free.
    package func setCheckpointsAside() throws {
        let folder = try OpenFolder(created().url)
        let name = checkpoint.lastPathComponent
        if folder.has(name) { try folder.setAside(name, as: name) }
    }

    /// Finishes or removes what interrupted runs have left in the folder.
    package func removeLeftovers() throws {
        try OpenFolder(url).removeLeftovers()
        try CheckpointFolder(url: checkpoint).removeLeftovers()
        try WeightsFolder(self).removeLeftovers()
    }
}
