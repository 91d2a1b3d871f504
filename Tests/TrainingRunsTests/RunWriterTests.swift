import Foundation
import TestSupport
import Testing
import TrainingRecipes
import TrainingRuns

@Suite struct RunWriterTests {
    private func metrics(_ step: Int, loss: Double = 1) -> StepMetrics {
        StepMetrics(
            step: step, loss: loss, mtpLoss: 1, balanceLoss: 0, gradientNorm: 1, lr: 1e-3, tokens: 10, seconds: 2,
            bubble: 0.25, exposed: ["dispatch": 0.5], expertBalance: 1, validationLoss: step == 2 ? 3 : nil)
    }

    private func eventFiles(in run: RunFolder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: run.url.path).filter { $0.hasPrefix("events.out.") }
    }

    @Test("A new run gets its folder, its recipe and one line of metrics per step") func newRuns() throws {
        try withTemporaryFolder { folder in
            let run = RunFolder(url: folder.appending(path: "parent/run", directoryHint: .isDirectory))
            let recipe = Preset.debug.recipe
            let writer = try RunWriter(run, recipe: recipe, through: 0)
            #expect(writer.steps.isEmpty && run.readMetrics().isEmpty)
            for step in 1...3 {
                writer.add(metrics(step))
                // Each line is in the file at once, for a reader of the run in progress.
                #expect(run.readMetrics() == (1...step).map { metrics($0) })
            }
            #expect(writer.steps == (1...3).map { metrics($0) })
            let lines = try String(contentsOf: run.metrics, encoding: .utf8)
            #expect(lines.hasSuffix("}\n") && lines.split(separator: "\n").count == 3)
            #expect(try run.loadRecipe() == recipe.withAbsolutePaths())
        }
    }

    @Test("A resumed run keeps the metrics up to its checkpoint and replaces the later ones")
    func resumedRuns() throws {
        try withTemporaryFolder { folder in
            let run = RunFolder(url: folder)
            var recipe = Preset.debug.recipe
            let first = try RunWriter(run, recipe: recipe, through: 0)
            for step in 1...4 { first.add(metrics(step)) }
            // The first run was interrupted in the middle of a line.
            let handle = try FileHandle(forWritingTo: run.metrics)
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(#"{"step":5,"lo"#.utf8))
            try handle.close()

            recipe.training.steps = 99
            let second = try RunWriter(run, recipe: recipe, through: 2)
            #expect(second.steps.map(\.step) == [1, 2])
            for step in 3...5 { second.add(metrics(step, loss: 0.5)) }
            #expect(run.readMetrics().map(\.step) == [1, 2, 3, 4, 5])
            #expect(run.readMetrics().map(\.loss) == [1, 1, 0.5, 0.5, 0.5])
            #expect(second.steps == run.readMetrics())
            #expect(try run.loadRecipe().training.steps == 99)
        }
    }

    @Test("TensorBoard events are written if the recipe enables them", arguments: [true, false])
    func tensorBoardEvents(isEnabled: Bool) throws {
        try withTemporaryFolder { folder in
            let run = RunFolder(url: folder)
            var recipe = Preset.debug.recipe
            recipe.metrics.enableTensorboard = isEnabled
            let writer = try RunWriter(run, recipe: recipe, through: 0)
            writer.add(metrics(1))
            let files = try eventFiles(in: run)
            #expect(files.count == (isEnabled ? 1 : 0))
            for file in files {
                let text = String(decoding: try Data(contentsOf: folder.appending(path: file)), as: UTF8.self)
                #expect(text.contains("loss/training") && text.contains("exposed/dispatch"))
            }
        }
    }

    @Test("A run whose folder is a file cannot be written") func foldersThatAreFiles() throws {
        try withTemporaryFile("text") { file in
            let run = RunFolder(url: URL(filePath: file))
            #expect(throws: (any Error).self) { try RunWriter(run, recipe: Recipe(), through: 0) }
        }
    }
}
