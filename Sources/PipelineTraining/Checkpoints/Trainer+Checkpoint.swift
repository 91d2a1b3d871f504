public import Foundation
import DistributedRuntime
import PipelineRuntime
package import TrainingRecipes
package import TrainingRuns

extension Trainer {
    /// Saves a checkpoint: parameters, the optimizer's moments and the step.
    ///
    /// All ranks must call it. The checkpoint is complete once its manifest is written, so that an interruption leaves
    /// the previous one. The newest two checkpoints are kept.
    ///
    /// - Parameter url: The folder of checkpoints, in a folder that exists.
    /// - Throws: `RunFileError` or `SavedStateError` on every rank if a rank cannot write.
    public func saveCheckpoint(to url: URL, step: Int) throws {
        let saver = CheckpointSaver(self, url: url, keepingLatest: 2)
        try saver.begin(CheckpointManifest(step: step))
        let (saved, problems) = try saver.finish()
        guard saved == step else { throw SavedStateError(problems.first ?? "rank 0 did not save the checkpoint") }
    }

    /// Loads the newest complete checkpoint that ``saveCheckpoint(to:step:)`` has saved, under this layout or another.
    /// A newer checkpoint that is damaged is not used.
    ///
    /// - Returns: The step after which the checkpoint was saved.
    /// - Throws: `SavedStateError` if there is no complete checkpoint, or it is of another model.
    public func loadCheckpoint(from url: URL) throws -> Int {
        guard let continuation = try loadCheckpoint(CheckpointFolder(url: url)) else {
            throw SavedStateError("\(url.relativePath) has no complete checkpoint")
        }
        return continuation.manifest.step
    }

    /// Loads the newest checkpoint that is complete and undamaged. Every rank checks a part of the files.
    ///
    /// - Returns: The manifest, and the reasons why newer checkpoints are not used; nil if there is no checkpoint.
    /// - Throws: On every rank, the errors of `continuation(with:original:data:from:)`.
    package func loadCheckpoint(
        _ folder: CheckpointFolder, recipe: Recipe? = nil, original: Recipe? = nil, data: DataIdentity? = nil
    ) throws -> CheckpointFolder.Continuation? {
        var refusals: [String] = []
        var limit = Int.max
        while true {
            // Rank 0 decides, because other ranks may see an older state of a shared file system.
            var found: CheckpointFolder.Continuation?
            let step = try onEveryRank(count: 1) {
                guard rank == 0 else { return [0] }
                found = try folder.continuation(
                    with: recipe, original: original, data: data, from: folder.steps().filter { $0 < limit })
                return [found?.manifest.step ?? 0]
            }[0][0]
            refusals += found?.refusals ?? []
            guard step > 0 else {
                guard refusals.isEmpty else {
                    throw SavedStateError("no checkpoint can be used: \(refusals.joined(separator: "; "))")
                }
                return nil
            }
            var manifest = CheckpointManifest(step: step)
            _ = try onEveryRank {
                manifest = try folder.manifest(step: step)
                return []
            }
            var problems = try damagedFiles(of: manifest, in: folder)
            if problems.isEmpty { problems = try load(manifest, in: folder) }
            guard !problems.isEmpty else { return .init(manifest: manifest, refusals: refusals) }
            refusals += problems
            limit = step
        }
    }

    /// Loads the state of this rank from a checkpoint whose files are not damaged. Returns the reason, in one line, if
    /// they lack a part of the state of some rank.
    private func load(_ manifest: CheckpointManifest, in folder: CheckpointFolder) throws -> [String] {
        let opened = try folder.folder(step: manifest.step)
        weightsHaveChanged()
        let result = Result {
            try parameters.loadState(from: SafetensorsReader(manifest.files.map { try opened.file($0.name) }))
        }
        let failures = try onEveryRank(count: 1) { [(try? result.get()) == nil ? 1 : 0] }
        guard let rank = failures.firstIndex(of: [1]) else { return [] }
        var reason = "rank \(rank) cannot load its state"
        if case .failure(let error) = result { reason = "\(error)" }
        return ["\(opened.path) is incomplete: \(reason)"]
    }

    /// Returns one line for each damaged file of a checkpoint.
    private func damagedFiles(of manifest: CheckpointManifest, in folder: CheckpointFolder) throws -> [String] {
        let opened = try folder.folder(step: manifest.step)
        let world = control?.size ?? 1
        let flags = try onEveryRank(count: manifest.files.count) {
            manifest.files.enumerated().map { index, file in
                index % world == rank && (try? file.verify(in: opened)) == nil ? 1 : 0
            }
        }
        return manifest.files.indices.filter { file in flags.contains { $0[file] != 0 } }.map {
            "\(opened.path)/\(manifest.files[$0].name) is damaged: its checksum is not the one in the manifest"
        }
    }
}
