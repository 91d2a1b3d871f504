import Foundation

/// The folder of the trained weights. It is written beside the previous weights and then takes their place as a whole.
package struct WeightsFolder {
    private let run: RunFolder

    package init(_ run: RunFolder) { self.run = run }

    private static let unfinished = "weights.unfinished"
    private static let previous = "weights.previous"

    private var name: String { run.weights.lastPathComponent }

    /// Returns the folder that new weights are written to.
    package func unfinished(creates: Bool = true) throws -> OpenFolder {
        try OpenFolder(run.url).folder(Self.unfinished, creates: creates)
    }

    /// Completes the new weights with their manifest, and replaces the previous weights by them.
    package func commit(_ manifest: CheckpointManifest) throws {
        let parent = try OpenFolder(run.url)
        let folder = try unfinished()
        try folder.write(try manifest.encoded(), to: CheckpointManifest.fileName, isDurable: true)
        try folder.synchronize()
        try replace(in: parent)
    }

    private func replace(in parent: OpenFolder) throws {
        if parent.has(name) { try parent.rename(name, to: Self.previous) }
        try parent.rename(Self.unfinished, to: name)
        try parent.synchronize()
        try removePrevious(in: parent)
    }

    /// Deletes the files of the previous weights. A folder with other files stays, under a name of its own.
    private func removePrevious(in parent: OpenFolder) throws {
        guard parent.has(Self.previous) else { return }
        let folder = try parent.folder(Self.previous)
        let manifest = try? CheckpointManifest.read(in: folder)
        for file in manifest?.files ?? [] { try folder.removeFile(file.name) }
        if manifest != nil { try folder.removeFile(CheckpointManifest.fileName) }
        guard try !folder.names().isEmpty else { return try parent.removeFolder(Self.previous) }
        try parent.setAside(Self.previous, as: Self.previous)
    }

    /// Finishes or removes what an interrupted save has left.
    package func removeLeftovers() throws {
        let parent = try OpenFolder(run.url)
        if parent.has(Self.unfinished) {
            let folder = try unfinished(creates: false)
            if (try? CheckpointManifest.read(in: folder)) != nil {
                try replace(in: parent)
            } else {
                for file in try folder.names() { try folder.removeFile(file) }
                try parent.removeFolder(Self.unfinished)
            }
        }
        try removePrevious(in: parent)
    }

    /// Returns the manifest of the weights, which are complete; nil if there are none.
    ///
    /// - Throws: ``SavedStateError`` or ``RunFileError`` if the weights are damaged.
    package func manifest() throws -> CheckpointManifest? {
        let parent = try OpenFolder(run.url)
        guard parent.has(name), try parent.folder(name).has(CheckpointManifest.fileName) else { return nil }
        return try CheckpointManifest.read(in: parent.folder(name))
    }

    /// Opens the folder of the weights and checks all checksums. Weights that another program put into the folder have
    /// no manifest.
    ///
    /// - Throws: ``SavedStateError`` or ``RunFileError`` that names the file that is missing or damaged.
    package func verified() throws -> (folder: OpenFolder, manifest: CheckpointManifest?) {
        let parent = try OpenFolder(run.url)
        guard parent.has(name) else {
            throw SavedStateError(
                "\(run.url.relativePath) has no weights: its training has not ended, or checkpoint.enable was false")
        }
        let folder = try parent.folder(name)
        let manifest = try manifest()
        for file in manifest?.files ?? [] { try file.verify(in: folder) }
        return (folder, manifest)
    }
}
