public import ArgumentParser
import Foundation
import PipelineSchedules
public import TrainingRecipes
import TrainingRuns

/// Trains a model on local ranks.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a Mixture-of-Experts model with DualPipe and expert parallelism.",
        discussion: """
            A preset, then a recipe file, then options decide the run; later ones win. Every key of a recipe is an option:
            --optimizer.rate 1e-3. Presets:
            \(Preset.allCases.map { "  \($0.rawValue): \($0.purpose)" }.joined(separator: "\n"))

            Examples:
              contraflow train
              contraflow train --preset debug --pipeline 2 --experts 1 --schedule 1f1b
              contraflow train mine.toml --data.path ~/texts --run.steps 1000
              contraflow train --resume runs/shakespeare
              contraflow train --preset deepseek-v3-671b --dry-run

            Exit codes: 0 done, 1 refused or failed, 64 wrong usage, 70 a rank failed, 130 after Ctrl-C, 143 after SIGTERM.
            """)

    @Option(help: "The preset to begin with.")
    var preset: Preset = .shakespeare

    @Option(help: "Ranks of the pipeline: layout.pipeline.")
    var pipeline: String?

    @Option(help: "Ranks of an expert-parallel group: layout.experts.")
    var experts: String?

    @Option(help: "The schedule's name or a CSV file: layout.schedule.")
    var schedule: String?

    @Option(help: "Steps of training: run.steps.")
    var steps: String?

    @Option(help: "What to learn from: data.path.")
    var data: String?

    @Option(help: ArgumentHelp("Go on with an interrupted run, from its last checkpoint.", valueName: "folder"))
    var resume: String?

    @Flag(help: "Print the recipe as TOML, with what each key means, and stop.")
    var printRecipe = false

    @Flag(help: "Check everything, print parameters and memory, and stop.")
    var dryRun = false

    @OptionGroup var output: OutputOptions

    @Argument(
        parsing: .allUnrecognized,
        help: ArgumentHelp("A recipe file, and --section.key value for any of its keys.", valueName: "recipe"))
    var rest: [String] = []

    func run() throws {
        let recipe = try resolvedRecipe()
        if printRecipe {
            return try output.write(recipe.toml())
        }
        let schedule = try recipe.preflight(readFile: readFile)
        if dryRun {
            try output.write(try DryRun(recipe: recipe, schedule: schedule).text())
            // What only this machine or its files forbid is said, but a dry run may be for another.
            do {
                try checkMachine(recipe, schedule)
                _ = try checkedData(recipe)
            } catch {
                note("would be refused here: \(error)")
            }
            return
        }
        try checkMachine(recipe, schedule)
        let split = try checkedData(recipe)
        let worker = try WorkerProgram.find()
        _ = try worker.version()
        if recipe.layout.device == "cuda" { try checkDevices(worker, recipe, schedule) }
        if recipe.data.heldOut > 0 && split.heldOut.isEmpty {
            note("data.held-out: no file holds out \(recipe.windowLength) tokens, so there is no validation loss")
        }
        if let resume {
            let folder = RunFolder(url: URL(filePath: resume, directoryHint: .isDirectory))
            let step = try checkpointStep(folder, recipe)
            try Data(recipe.toml().utf8).write(to: folder.recipe, options: .atomic)
            return try LocalRun(
                recipe: recipe, worker: worker, folder: folder, earlier: folder.readMetrics(through: step)
            ).run()
        }
        try LocalRun(recipe: recipe, worker: worker, folder: try newFolder(recipe)).run()
    }

    private func checkpointStep(_ folder: RunFolder, _ recipe: Recipe) throws -> Int {
        let step = try CheckpointFolder(url: folder.checkpoint).latest().step
        guard step < recipe.run.steps else {
            throw CommandError(
                "\(folder.url.relativePath) has all \(step) of run.steps \(recipe.run.steps): give more by --steps")
        }
        return step
    }

    private func checkMachine(_ recipe: Recipe, _ schedule: Schedule) throws {
        if recipe.layout.device == "cpu", let available = MachineMemory.now().available {
            try recipe.checkMemory(schedule, available: available)
        }
    }

    /// Refuses what the devices of this machine do not allow.
    private func checkDevices(_ worker: WorkerProgram, _ recipe: Recipe, _ schedule: Schedule) throws {
        let devices = try worker.devices(ranks: recipe.grid.worldSize)
        if let least = devices.map(\.free).min() { try recipe.checkDeviceMemory(schedule, available: Double(least)) }
    }

    /// Reads the data through once, for all ranks.
    private func checkedData(_ recipe: Recipe) throws -> TokenSplit {
        let files = try TokenFiles(recipe)
        let split = try TokenSplit(recipe, files)
        if files.type != .bytes, files.byteCount > 8 << 30 {
            note("data.path: reading \(files.byteCount >> 30) GiB of tokens, to see that all are in the vocabulary")
        }
        try files.checkContents(vocabulary: recipe.model.vocabulary)
        return split
    }

    private func newFolder(_ recipe: Recipe) throws -> RunFolder {
        do {
            let folder = try RunFolder.create(named: recipe.run.name, in: URL(filePath: recipe.run.folder))
            try Data(recipe.toml().utf8).write(to: folder.recipe)
            return folder
        } catch {
            throw CommandError(
                "run.folder: cannot make a folder in \(recipe.run.folder): \(error.reason): give another by --run.folder"
            )
        }
    }

    func validate() throws {
        var recipe = preset.recipe
        do {
            for (name, value) in try words().overrides { try recipe.set(name, to: value) }
        } catch let error as RecipeError {
            throw ValidationError(error.description)
        }
    }

    /// Preset, recipe files in their order, then options.
    private func resolvedRecipe() throws -> Recipe {
        var recipe = preset.recipe
        if let resume {
            let file = RunFolder(url: URL(filePath: resume, directoryHint: .isDirectory)).recipe.relativePath
            try recipe.merge(toml: String(decoding: try readFile(file), as: UTF8.self), source: file)
        }
        let words = try words()
        for file in words.files {
            try recipe.merge(toml: String(decoding: try readFile(file), as: UTF8.self), source: file)
        }
        for (name, value) in words.overrides { try recipe.set(name, to: value) }
        return recipe
    }

    /// The words that are no options of the command's own: recipe files, and keys with their values.
    private func words() throws -> (files: [String], overrides: [(name: String, value: String)]) {
        var files: [String] = []
        var overrides: [(name: String, value: String)] = []
        var position = 0
        while position < rest.count {
            let word = rest[position]
            position += 1
            guard word.hasPrefix("--") else {
                files.append(word)
                continue
            }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 {
                overrides.append((String(parts[0]), String(parts[1])))
            } else {
                guard position < rest.count else { throw ValidationError("\(word) needs a value") }
                overrides.append((String(word.dropFirst(2)), rest[position]))
                position += 1
            }
        }
        let named = [
            ("layout.pipeline", pipeline), ("layout.experts", experts), ("layout.schedule", schedule),
            ("run.steps", steps), ("data.path", data),
        ]
        for (name, value) in named { if let value { overrides.append((name, value)) } }
        return (files, overrides)
    }
}

extension Preset: ExpressibleByArgument {}
