import Foundation
import TrainingRecipes
import TrainingRuns

/// The lines at the end of a run: its report, and the commands that use its folder.
struct RunResults {
    let recipe: Recipe
    let folder: RunFolder

    /// Returns one line for each result that the folder has. The commands can be pasted into a shell.
    func lines(isWhole: Bool) -> [String] {
        var lines: [String] = []
        if !recipe.checkpoint.enable {
            lines.append("checkpoint.enable is false: no checkpoint and no weights were saved")
        } else if !isWhole {
            lines.append(continuation ?? "no checkpoint was saved: start a new run")
        }
        if exists(folder.report) { lines.append("report:       \(folder.report.relativePath.shellQuoted)") }
        if recipe.checkpoint.enable, exists(folder.weightsIndex),
            recipe.training.datasetFormat == .bytes || exists(folder.tokenizer)
        {
            lines.append("text:         \(own) generate \(path)")
        }
        if exists(folder.timeline) { lines.append("analysis:     \(own) analyze \(path)") }
        if recipe.metrics.enableTensorboard, exists(folder.metrics) {
            lines.append("TensorBoard:  tensorboard --logdir \(path)")
        }
        return lines
    }

    /// The line with the command that continues the run; nil if there is no checkpoint.
    var continuation: String? {
        guard (try? CheckpointFolder(url: folder.checkpoint).steps())?.isEmpty == false else { return nil }
        return "to continue:  \(own) train --resume \(path)"
    }

    private var path: String { folder.url.relativePath.shellQuoted }

    private var own: String { (CommandLine.arguments.first ?? "contraflow").shellQuoted }

    private func exists(_ file: URL) -> Bool { FileManager.default.fileExists(atPath: file.path) }
}

extension String {
    /// The text as one word of a shell.
    fileprivate var shellQuoted: String {
        let isPlain = allSatisfy { $0.isLetter || $0.isNumber || "_-+=./:,@%".contains($0) }
        return isPlain && !isEmpty ? self : "'" + replacing("'", with: "'\\''") + "'"
    }
}
