import Foundation
import PipelineSchedules
import TestSupport
import Testing
import Timelines
import TrainingRecipes
import TrainingRuns

@Suite struct RunFolderTests {
    @Test("Each run gets a new folder, with a number if the name is taken") func newFolders() throws {
        try withTemporaryFolder { parent in
            let runs = try (0..<3).map { _ in try RunFolder.create(named: "debug", in: parent) }
            #expect(runs.map(\.url.lastPathComponent) == ["debug", "debug-2", "debug-3"])
            // A free number is used again.
            try FileManager.default.removeItem(at: runs[1].url)
            #expect(try RunFolder.create(named: "debug", in: parent).url.lastPathComponent == "debug-2")
        }
    }

    @Test("The parent of a run's folder is created, and must not be a file") func parents() throws {
        try withTemporaryFolder { folder in
            let run = try RunFolder.create(named: "debug", in: folder.appending(path: "a/b"))
            #expect(FileManager.default.fileExists(atPath: run.url.path))
            let file = folder.appending(path: "file")
            try Data().write(to: file)
            #expect(throws: (any Error).self) { try RunFolder.create(named: "debug", in: file) }
        }
    }

    @Test("The files of a run have the documented names") func names() {
        let run = RunFolder(url: URL(filePath: "/runs/debug", directoryHint: .isDirectory))
        let paths = [
            run.recipe, run.schedule, run.metrics, run.timeline, run.report, run.checkpoint, run.weights,
            run.weightsIndex,
            run.weightsConfiguration, run.log(rank: 3),
            run.weights.appending(path: RunFolder.weightsFileName(rank: 0, of: 4)),
            run.weights.appending(path: RunFolder.weightsFileName(rank: 99_999, of: 123_456)),
        ].map { $0.path }
        #expect(
            paths.map { $0.dropFirst("/runs/debug/".count) } == [
                "recipe.toml", "schedule.csv", "metrics.jsonl", "timeline.json.gz", "report.html", "checkpoint",
                "weights",
                "weights/model.safetensors.index.json", "weights/config.json", "rank-3.log",
                "weights/model-00001-of-00004.safetensors", "weights/model-100000-of-123456.safetensors",
            ])
    }

    @Test("The folder keeps the schedule of a CSV file, and the recipe that is read back names the copy")
    func schedulesAreKept() throws {
        try withTemporaryFolder { folder in
            let run = RunFolder(url: folder)
            let readFile = { (path: String) in [UInt8](try Data(contentsOf: URL(filePath: path))) }
            let schedule = try BuiltInSchedule.oneForwardOneBackward.build(ranks: 2, microbatches: 2)
            var recipe = Recipe()
            func readBack() throws -> String {
                try Data(recipe.toml().utf8).write(to: run.recipe)
                return try run.loadRecipe().parallelism.pipelineParallelSchedule
            }
            try run.write(schedule, of: recipe)
            #expect(!FileManager.default.fileExists(atPath: run.schedule.path), "a built-in schedule needs no file")
            recipe.parallelism.pipelineParallelSchedule = "gone.csv"
            #expect(try readBack() == "gone.csv")
            try run.write(schedule, of: recipe)
            #expect(try readBack() == run.schedule.relativePath)
            #expect(try Schedule(csv: readFile(readBack())).rows == schedule.rows)
            recipe.parallelism.pipelineParallelSchedule = "1f1b"
            #expect(try readBack() == "1f1b")
        }
    }

    @Test("Metrics are empty without a file, and end at the given step") func metrics() throws {
        try withTemporaryFolder { folder in
            let run = RunFolder(url: folder)
            #expect(run.readMetrics().isEmpty)
            let steps = (1...4).map {
                StepMetrics(
                    step: $0, loss: 1, mtpLoss: 1, balanceLoss: 0, gradientNorm: 1, lr: 1, tokens: 1, seconds: 1,
                    expertBalance: 1)
            }
            try run.write(steps)
            #expect(run.readMetrics() == steps && run.readMetrics(through: 2) == Array(steps[..<2]))
            try run.write([])
            #expect(run.readMetrics().isEmpty)
        }
    }

    @Test("A recipe of an older version, and a damaged one, are errors that name the file") func recipes() throws {
        try withTemporaryFolder { folder in
            let run = RunFolder(url: folder)
            for (text, message) in [
                ("[layout]\npipeline = 2\n", " was written by an older version: 'layout.pipeline' is now "),
                ("[model\n", ", line 1, column "), ("[model]\nhidden_size = 'wide'\n", ": model.hidden_size is 'wide'"),
            ] {
                try Data(text.utf8).write(to: run.recipe)
                let error = try #require(throws: RecipeError.self) { try run.loadRecipe() }
                #expect(error.description.hasPrefix(run.recipe.relativePath + message), "\(error)")
            }
            try FileManager.default.removeItem(at: run.recipe)
            #expect(throws: RunFileError.self) { try run.loadRecipe() }
        }
    }

    @Test("The timeline is written as gzip, in place of a link and with the permissions of the umask") func timelines()
        throws
    {
        try withTemporaryFolder { folder in
            let run = RunFolder(url: folder)
            try FileManager.default.createSymbolicLink(atPath: run.timeline.path, withDestinationPath: "/nowhere/file")
            try run.write(Timeline())
            #expect([UInt8](try Data(contentsOf: run.timeline)).starts(with: [0x1F, 0x8B]))
            let plain = folder.appending(path: "plain").path
            close(open(plain, O_WRONLY | O_CREAT, 0o666))
            let modes = try [run.timeline.path, plain].map {
                try FileManager.default.attributesOfItem(atPath: $0)[.posixPermissions] as? Int
            }
            #expect(modes[0] == modes[1])
        }
    }
}
