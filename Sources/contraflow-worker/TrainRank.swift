import DistributedRuntime
import ArgumentParser
import Foundation
import LibTorch
import PipelineTraining
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

            Rank 0 listens at MASTER_ADDR and MASTER_PORT, which torchrun sets. Under Slurm, the first host of the \
            step and a port made of the job's number stand for them if they are not set.
            """)

    @Option(help: ArgumentHelp("The recipe.", valueName: "file"))
    var recipe: String

    @Option(help: ArgumentHelp("The run's folder. Rank 0 creates it if it does not exist.", valueName: "folder"))
    var folder: String

    @Flag(help: "Continue from the checkpoint in the folder.")
    var resume = false

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        if let launcher = environment["CONTRAFLOW_LAUNCHER"].flatMap({ Int32($0) }),
            !LibTorchRuntime.endWithParent(launcher)
        {
            throw ExitCode.failure
        }
        let folder = RunFolder(url: URL(filePath: folder, directoryHint: .isDirectory))
        var recipe = try loadRecipe(of: folder)
        let schedule = try recipe.preflight(readFile: Self.readFile)
        recipe.setChains(of: schedule)
        let place = try RankContext(environment: environment)
        StopRequest.listen(hasLauncher: place.hasLauncher)
        let loop = try TrainingLoop(recipe: recipe, schedule: schedule, place: place, folder: folder, isResumed: resume)
        if place.rank == 0, !place.hasLauncher { try warn(loop.warnings) }
        let writer = place.rank == 0 ? try RunWriter(folder, recipe: recipe, through: loop.firstStep - 1) : nil
        if place.rank == 0 { try folder.write(schedule, of: recipe) }
        try loop.run { metrics in
            guard let writer else { return }
            try writer.add(metrics)
            try FileHandle.standardOutput.write(contentsOf: metrics.line())
        }
        try loop.saveReport(of: writer?.steps ?? [])
    }

    /// Reads the recipe. The recipe of the run's own folder names the copy of its schedule in the folder.
    private func loadRecipe(of folder: RunFolder) throws -> Recipe {
        let file = URL(filePath: recipe)
        if file.resolvingSymlinksInPath() == folder.recipe.absoluteURL.resolvingSymlinksInPath() {
            return try folder.loadRecipe(readFile: Self.readFile)
        }
        var result = Recipe()
        let given = try result.merge(toml: try String(contentsOfFile: recipe, encoding: .utf8), source: recipe)
        try result.takeTokenDescription(given: given)
        return result
    }

    private static func readFile(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: path)))
    }

    private func warn(_ warnings: [String]) throws {
        let text = warnings.map { "Warning: \($0)\n" }.joined()
        try FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
