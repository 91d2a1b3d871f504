package import Foundation

/// The folder with the checkpoints of a run. Training continues from the latest complete checkpoint.
///
/// A checkpoint is a folder `step-N` with one file per rank. The file `latest` names the step and the number of ranks
/// of the latest complete checkpoint; it is written after all files of the checkpoint.
package struct CheckpointFolder {
    private let url: URL

    package init(url: URL) {
        self.url = url
    }

    /// Creates the folder of the checkpoint of `step`, if it does not exist, and returns the file of a rank in it.
    package func file(rank: Int, step: Int) throws -> URL {
        let folder = folder(step)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.appending(path: "rank-\(rank).safetensors")
    }

    /// Makes the checkpoint of `step` the latest and deletes all other checkpoints. All ranks must have written their
    /// files before the call.
    package func publish(step: Int, rankCount: Int) throws {
        try Data("\(step) \(rankCount)\n".utf8).write(to: latestFile, options: .atomic)
        for name in try FileManager.default.contentsOfDirectory(atPath: url.path)
        where name.hasPrefix("step-") && name != folder(step).lastPathComponent {
            try FileManager.default.removeItem(at: url.appending(path: name))
        }
    }

    /// Returns the step after which the latest checkpoint was saved, and the files of its ranks. The method does not
    /// read these files.
    ///
    /// - Throws: ``SavedStateError`` if there is no complete checkpoint, or if `latest` is damaged.
    package func latest() throws(SavedStateError) -> (step: Int, files: [URL]) {
        let text = try? String(contentsOf: latestFile, encoding: .utf8)
        let numbers = (text ?? "").split { $0.isWhitespace }.compactMap { Int($0) }
        guard numbers.count == 2, numbers[1] > 0 else {
            throw SavedStateError(
                "\(url.relativePath) has no complete checkpoint: the run ended before its first one, or checkpoint.enable "
                    + "was false: start a new run")
        }
        let saved = (try? FileManager.default.contentsOfDirectory(atPath: folder(numbers[0]).path)) ?? []
        guard numbers[0] > 0, numbers[1] <= saved.count else {
            throw SavedStateError(
                "\(latestFile.relativePath) names step \(numbers[0]) of \(numbers[1]) ranks: give a step of at least 1 and "
                    + "at most the \(saved.count) files in \(folder(numbers[0]).relativePath), or start a new run")
        }
        let files = (0..<numbers[1]).map { folder(numbers[0]).appending(path: "rank-\($0).safetensors") }
        return (numbers[0], files)
    }

    private var latestFile: URL { url.appending(path: "latest") }

    private func folder(_ step: Int) -> URL { url.appending(path: "step-\(step)", directoryHint: .isDirectory) }
}
