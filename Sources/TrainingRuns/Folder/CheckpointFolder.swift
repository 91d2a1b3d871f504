package import Foundation
package import TrainingRecipes

/// A folder of checkpoints, of which the latest whole one counts.
///
/// Each checkpoint is a folder of a file a rank; `latest`, which is written last, names its step and its ranks.
package struct CheckpointFolder {
    private let url: URL

    package init(url: URL) {
        self.url = url
    }

    /// The file of one rank, in a folder that exists then.
    package func file(rank: Int, step: Int) throws -> URL {
        let folder = folder(step)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.appending(path: "rank-\(rank).safetensors")
    }

    /// Makes the checkpoint of `step` the latest, once all its ranks have written theirs, and deletes all others.
    package func publish(step: Int, rankCount: Int) throws {
        try Data("\(step) \(rankCount)\n".utf8).write(to: latestFile, options: .atomic)
        for name in try FileManager.default.contentsOfDirectory(atPath: url.path)
        where name.hasPrefix("step-") && name != folder(step).lastPathComponent {
            try FileManager.default.removeItem(at: url.appending(path: name))
        }
    }

    /// The step after which the latest checkpoint was saved, and its files.
    ///
    /// - Throws: `SavedStateError` where there is none.
    package func latest() throws(SavedStateError) -> (step: Int, files: [URL]) {
        let text = try? String(contentsOf: latestFile, encoding: .utf8)
        let numbers = (text ?? "").split { $0.isWhitespace }.compactMap { Int($0) }
        guard numbers.count == 2, numbers[1] > 0 else {
            throw SavedStateError("\(url.relativePath) has no checkpoint: was the run interrupted before its first?")
        }
        let files = (0..<numbers[1]).map { folder(numbers[0]).appending(path: "rank-\($0).safetensors") }
        return (numbers[0], files)
    }

    private var latestFile: URL { url.appending(path: "latest") }

    private func folder(_ step: Int) -> URL { url.appending(path: "step-\(step)", directoryHint: .isDirectory) }
}
