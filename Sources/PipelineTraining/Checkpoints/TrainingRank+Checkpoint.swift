public import Foundation
import LibTorch
import TrainingRecipes

extension TrainingRank {
    /// Saves everything that training goes on from: parameters, the optimizer's moments and the step.
    ///
    /// All ranks call it. What was saved before is deleted once all of this is written, so that whatever interrupts it
    /// leaves one that is whole.
    ///
    /// - Throws: A Cocoa error where the folder cannot be written.
    public func saveCheckpoint(to folder: URL, step: Int) throws {
        let own = folder.appending(path: "step-\(step)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        var file = SafetensorsFile()
        try parameters.addState(to: &file)
        try file.write(to: own.appending(path: "rank-\(rank).safetensors"))
        try world?.barrier()
        guard rank == 0 else { return }
        let size = world?.size ?? 1
        try Data("\(step) \(size)\n".utf8).write(to: folder.appending(path: "latest"), options: .atomic)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
        where name.hasPrefix("step-") && name != own.lastPathComponent {
            try FileManager.default.removeItem(at: folder.appending(path: name))
        }
    }

    /// Takes over what ``saveCheckpoint(to:step:)`` has saved, under this layout or another.
    ///
    /// - Returns: The step after which it was saved.
    /// - Throws: `RecipeError` where there is nothing whole, or it is of another model.
    public func loadCheckpoint(from folder: URL) throws -> Int {
        let latest = try TrainingCheckpoint(in: folder)
        try parameters.loadState(from: SafetensorsReader(latest.files))
        return latest.step
    }
}

/// What a folder of checkpoints has.
struct TrainingCheckpoint {
    let step: Int
    let files: [URL]

    init(in folder: URL) throws {
        let text = try? String(contentsOf: folder.appending(path: "latest"), encoding: .utf8)
        let numbers = (text ?? "").split { $0.isWhitespace }.compactMap { Int($0) }
        guard numbers.count == 2 else {
            throw RecipeError("\(folder.relativePath) has no checkpoint: was the run interrupted before its first?")
        }
        step = numbers[0]
        files = (0..<numbers[1]).map { folder.appending(path: "step-\(numbers[0])/rank-\($0).safetensors") }
    }
}
