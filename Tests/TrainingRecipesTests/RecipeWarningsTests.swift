import Foundation
import TestSupport
import Testing
import TrainingRecipes

@Suite("Warnings of a recipe") struct RecipeWarningsTests {
    private func warnings(_ sizes: [Int], _ change: (inout Recipe) -> Void = { _ in }) throws -> [String] {
        try withTemporaryFolder { folder in
            for (index, size) in sizes.enumerated() {
                try Data(repeating: 97, count: size).write(to: folder.appending(path: "\(index).txt"))
            }
            var recipe = Recipe()
            recipe.training.datasetPath = [folder.path]
            change(&recipe)
            let files = try TokenFiles(recipe)
            return recipe.warnings(try TokenSplit(recipe, files), fileCount: files.files.count)
        }
    }

    @Test("A recipe that uses all its data has no warnings") func none() throws {
        #expect(try warnings([10_000, 5000]).isEmpty)
        #expect(try warnings([10_000]) { $0.lrScheduler.warmupSteps = $0.training.steps }.isEmpty)
    }

    @Test("A profiler that would begin after the last step is named") func noRecording() throws {
        func warnings(_ interval: Int) throws -> [String] {
            try self.warnings([10_000]) {
                $0.profiling.enableProfiling = true
                $0.profiling.profileFreq = interval
            }
        }
        #expect(try warnings(180).isEmpty)
        #expect(
            try warnings(181) == ["profiling.profile_freq is 181, but training.steps is 180: no step is recorded"])
    }

    @Test("A warm-up that is longer than the run is said") func warmup() throws {
        let warnings = try warnings([10_000]) { $0.lrScheduler.warmupSteps = 181 }
        #expect(
            warnings == [
                "lr_scheduler.warmup_steps is 181, but training.steps is 180: the learning rate stays below optimizer.lr"
            ])
    }

    @Test("A held-out part that is shorter than a window is said, unless nothing is to be held out") func heldOut()
        throws
    {
        let said = try warnings([1000])
        #expect(
            said == [
                "validation.split is 0.05, but no file has 66 tokens to hold out: there is no validation loss"
            ])
        #expect(try warnings([1000]) { $0.validation.split = 0 }.isEmpty)
        #expect(try warnings([1320]).isEmpty)
    }

    @Test("Files that are too short to train on are counted") func shortFiles() throws {
        #expect(
            try warnings([10_000, 50, 60])
                == [
                    "training.dataset_path: 2 of 3 files are left out: a file needs 66 tokens without its held-out part"
                ])
        #expect(try warnings([10_000, 50]).first?.hasPrefix("training.dataset_path: 1 of 2 files is left out") == true)
    }
}
