import DistributedRuntime
import ArgumentParser
import Foundation
import LibTorch
import PipelineTraining
import RankHeartbeats
import TrainingRecipes
import TrainingRuns

/// One rank of a training run.
///
/// Every rank writes its parts of checkpoints and weights to the run's folder, and its errors to standard error. Rank 0
/// writes all other files of the folder, and one line of JSON per step to standard output.
struct TrainRank: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Run one rank of a training run.",
        discussion: """
            'contraflow train' starts local ranks by itself. With Slurm or torchrun, start one worker per rank:
              contraflow train --pp 4 --ep 2 --print-recipe -o recipe.toml
              srun --ntasks 8 contraflow-worker --recipe recipe.toml --folder runs/mine
              torchrun --standalone --no-python --nproc-per-node 8 contraflow-worker \\
                --recipe recipe.toml --folder runs/mine

            If the folder has checkpoints, training continues from the newest one that is not damaged. SIGTERM, SIGINT \
            and SIGUSR1 to any rank end all ranks after the current step and a checkpoint, with 128 plus the signal.

            Rank 0 listens at MASTER_ADDR and MASTER_PORT, which torchrun sets. Under Slurm, the first host of the \
            step and a port made of the job's number stand for them if they are not set.
            """)

    @Option(help: ArgumentHelp("The recipe.", valueName: "file"))
    var recipe: String

    @Option(help: ArgumentHelp("The run's folder. Rank 0 creates it if it does not exist.", valueName: "folder"))
    var folder: String

    @Flag(
        help: """
            Begin at step 1, even if the folder has checkpoints. They are kept in a folder 'checkpoint-N'. A restart by \
            torchrun continues all the same.
            """)
    var fromScratch = false

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        if let launcher = environment["CONTRAFLOW_LAUNCHER"].flatMap({ Int32($0) }),
            !LibTorchRuntime.endWithParent(launcher)
        {
            throw ExitCode.failure
        }
        let folder = RunFolder(url: URL(filePath: folder, directoryHint: .isDirectory))
        let original = try? folder.loadRecipe()
        var recipe = try loadRecipe(of: folder)
        let schedule = try recipe.preflight(readFile: Self.readFile)
        recipe.setChains(of: schedule)
        let place = try RankContext(environment: environment)
        let warn = { Self.warn($0, hasLauncher: place.hasLauncher && place.rank == 0) }
        let lock = place.rank == 0 && !place.hasLauncher ? try RunLock(folder.created(), onWait: warn) : nil
        defer { lock?.release() }
        place.heartbeat.start(Worker.end(afterLoss:))
        if place.rank == 0 {
            if fromScratch, (environment["TORCHELASTIC_RESTART_COUNT"] ?? "0") == "0" {
                try folder.setCheckpointsAside()
            }
            try folder.removeLeftovers()
        }
        let loop = try TrainingLoop(
            recipe: recipe, schedule: schedule, place: place, folder: folder, original: original, warn: warn)
        if place.rank == 0, !place.hasLauncher { loop.warnings.forEach(warn) }
        let writer =
            place.rank == 0 ? try RunWriter(folder, recipe: recipe, through: loop.firstStep - 1, warn: warn) : nil
        if place.rank == 0 { try folder.write(schedule, of: recipe) }
        StopRequest.listen()
        try loop.run { metrics in
            guard let writer else { return }
            writer.add(metrics)
            // Without a reader of the lines, the metrics are in the folder.
            place.heartbeat.page.waiting(RankWait(.output)) {
                if let line = try? metrics.line() { try? FileHandle.standardOutput.write(contentsOf: line) }
            }
        } rewind: {
            try writer?.rewind(to: $0)
        }
        writer?.finish()
        try loop.saveReport(of: writer?.steps ?? [])
        place.heartbeat.finish()
        if let signal = loop.stopSignal { throw ExitCode(128 + signal) }
    }

    /// Reads the recipe. The recipe of the run's own folder names the copy of its schedule in the folder.
    private func loadRecipe(of folder: RunFolder) throws -> Recipe {
        let file = URL(filePath: recipe)
        if file.resolvingSymlinksInPath() == folder.recipe.absoluteURL.resolvingSymlinksInPath() {
            return try folder.loadRecipe()
        }
        var result = Recipe()
        let contents: Data
        do { contents = try SmallFile.contents(recipe) } catch { throw RecipeError("\(recipe): \(error.reason)") }
        let given = try result.merge(toml: String(decoding: contents, as: UTF8.self), source: recipe)
        try result.takeTokenDescription(given: given)
        return result
    }

    private static func readFile(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: path)))
    }

    /// Shows a problem that does not end training: in the terminal of the launcher, or in this rank's log.
    private static func warn(_ problem: String, hasLauncher: Bool) {
        let line =
            hasLauncher
            ? (try? JSONEncoder().encode(RankNotice(warning: problem))) ?? Data() : Data("Warning: \(problem)".utf8)
        let output = hasLauncher ? FileHandle.standardOutput : FileHandle.standardError
        try? output.write(contentsOf: line + Data("\n".utf8))
    }
}
