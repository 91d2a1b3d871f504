package import Foundation

/// The folder of checkpoints, from the newest of which training continues.
///
/// A checkpoint is a folder `step-N` with one file per rank and a ``CheckpointManifest``. A folder without a manifest is
/// a checkpoint that was not completed.
package struct CheckpointFolder {
    /// The folder, which need not exist.
    let url: URL

    package init(url: URL) { self.url = url }

    /// Returns the name of a rank's file.
    package static func fileName(rank: Int) -> String { "rank-\(rank).safetensors" }

    private static func name(_ step: Int) -> String { "step-\(step)" }

    private func folder(creates: Bool = false) throws -> OpenFolder {
        try parent().folder(url.lastPathComponent, creates: creates)
    }

    private func parent() throws(RunFileError) -> OpenFolder { try OpenFolder(url.deletingLastPathComponent()) }

    private func exists() throws(RunFileError) -> Bool {
        FileManager.default.fileExists(atPath: url.deletingLastPathComponent().path(percentEncoded: false))
            ? try parent().has(url.lastPathComponent) : false
    }

    /// Opens the folder of the checkpoint of `step`.
    package func folder(step: Int, creates: Bool = false) throws -> OpenFolder {
        try folder(creates: creates).folder(Self.name(step), creates: creates)
    }

    /// Returns the steps of the checkpoints that were completed, the newest first.
    ///
    /// - Throws: ``SavedStateError`` if the folder holds a checkpoint of an older version.
    package func steps() throws -> [Int] {
        guard try exists() else { return [] }
        let folder = try folder()
        let steps = try Self.steps(in: folder).filter { step in
            (try? folder.folder(Self.name(step)))?.has(CheckpointManifest.fileName) == true
        }
        if steps.isEmpty, folder.has("latest") {
            throw SavedStateError(
                "\(folder.path) was saved by an older version, without checksums: continue the run with that version, or "
                    + "start a new run")
        }
        return steps
    }

    private static func steps(in folder: OpenFolder) throws -> [Int] {
        try folder.names().compactMap { name in
            let step = name.hasPrefix("step-") ? Int(name.dropFirst("step-".count)) : nil
            return step.flatMap { $0 > 0 && name == Self.name($0) ? $0 : nil }
        }.sorted(by: >)
    }

    /// Returns the manifest of a checkpoint.
    ///
    /// - Throws: ``SavedStateError`` or ``RunFileError`` that names the file that is missing, damaged or of another
    ///   checkpoint.
    package func manifest(step: Int) throws -> CheckpointManifest {
        let folder = try folder(step: step)
        let manifest = try CheckpointManifest.read(in: folder)
        guard manifest.step == step else {
            throw SavedStateError(
                "\(folder.path)/\(CheckpointManifest.fileName) is of step \(manifest.step): the folder was renamed")
        }
        return manifest
    }

    /// Completes a checkpoint, after all ranks have written their files, and deletes those that are no longer kept.
    ///
    /// - Parameter count: The number of the newest checkpoints that are kept. Three others are kept too: the one with
    ///   the least validation loss, the newest whose step was no outlier, and those of later steps.
    /// - Returns: The problems of deleting, in one line each.
    package func commit(_ manifest: CheckpointManifest, keepingLatest count: Int) throws -> [String] {
        let folder = try folder()
        let own = try folder.folder(Self.name(manifest.step))
        try own.write(try manifest.encoded(), to: CheckpointManifest.fileName, isDurable: true)
        try own.synchronize()
        try folder.synchronize()
        let others = try steps().filter { $0 < manifest.step }.compactMap { try? self.manifest(step: $0) }
        let kept = Self.kept([manifest] + others, latest: count)
        return others.filter { !kept.contains($0.step) }.compactMap { other in
            do {
                try delete(other, in: folder)
                return nil
            } catch {
                return "an old checkpoint remains: \(error)"
            }
        }
    }

    /// Returns the steps that are kept of `checkpoints`, which are given from the newest to the oldest.
    static func kept(_ checkpoints: [CheckpointManifest], latest count: Int) -> Set<Int> {
        var kept = Set(checkpoints.prefix(max(count, 1)).map(\.step))
        if let sound = checkpoints.first(where: { !$0.isOutlier }) { kept.insert(sound.step) }
        let validated = checkpoints.filter { $0.validationLoss != nil }
        if let best = validated.min(by: { $0.validationLoss ?? 0 < $1.validationLoss ?? 0 }) { kept.insert(best.step) }
        return kept
    }

    /// Deletes the files that a manifest lists. The manifest goes first, under a name by which
    /// ``removeLeftovers()`` continues an interrupted deletion.
    private func delete(_ manifest: CheckpointManifest, in folder: OpenFolder) throws {
        let own = try folder.folder(Self.name(manifest.step))
        try own.rename(CheckpointManifest.fileName, to: Self.deletedManifest)
        try deleteFiles(named: manifest.files.map(\.name) + [Self.deletedManifest], of: manifest.step, in: folder)
    }

    private static let deletedManifest = "manifest.deleted.json"

    private func deleteFiles(named names: [String], of step: Int, in folder: OpenFolder) throws {
        let own = try folder.folder(Self.name(step))
        for name in names { try own.removeFile(name) }
        try folder.removeFolder(Self.name(step))
    }

    /// Moves the checkpoints of later steps than `step` to a new folder `checkpoint-N` beside this one, so that training
    /// continues from the checkpoint of `step`.
    package func setAside(after step: Int) throws {
        let later = try steps().filter { $0 > step }
        guard !later.isEmpty else { return }
        let (parent, folder) = (try parent(), try folder())
        let other = try parent.folder(parent.freeName(url.lastPathComponent), creates: true)
        for step in later { try folder.move(Self.name(step), to: other) }
        try other.synchronize()
        try folder.synchronize()
    }

    /// Deletes the files of checkpoints that were not completed, or not completely deleted.
    package func removeLeftovers() throws {
        guard try exists() else { return }
        // A step that cannot be opened, such as a link, stays. The others are removed.
        for step in try Self.steps(in: folder()) { try? removeLeftovers(ofStep: step) }
    }

    /// Deletes the files of a checkpoint if it was not completed, so that they do not take the room of the next one.
    package func removeLeftovers(ofStep step: Int) throws {
        let folder = try folder()
        let own = try folder.folder(Self.name(step))
        try own.removeLeftovers()
        guard !own.has(CheckpointManifest.fileName) else { return }
        let names = try own.names().filter { name in
            name == Self.deletedManifest || name.wholeMatch(of: /rank-\d+\.safetensors/) != nil
        }
        // A folder with files of other names stays.
        try? deleteFiles(named: names, of: step, in: folder)
    }
}
