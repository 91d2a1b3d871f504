public import ArgumentParser
import Foundation
import PipelineSchedules
public import TrainingRecipes
import TrainingRuns

/// Trains a model on local ranks.
struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a Mixture-of-Experts model with DualPipe and expert parallelism.",
        discussion: """
            A preset, then recipe files, then options decide the run; later ones win. Every key of a recipe is an option: \
            --optimizer.lr 1e-3. [model] has the keys of Hugging Face's config.json, and --model.config FILE starts from \
            one; the other sections are torchtitan's. Presets:
            \(Preset.allCases.map { "  \($0.rawValue): \($0.purpose)" }.joined(separator: "\n"))

            Examples:
              contraflow train
              contraflow train --preset debug --pp 2 --ep 1 --schedule 1F1B
              contraflow train --config mine.toml --data ~/texts --training.seq_len 128
              contraflow train --model.config config.json --print-recipe
              contraflow train --resume runs/shakespeare
              contraflow train --preset deepseek-v3-671b --dry-run

            Exit codes: 0 done, 1 refused or failed, 64 wrong usage, 70 a rank failed, 130 after Ctrl-C, 143 after SIGTERM.
            """)

    @Option(help: "The preset to begin with.")
    var preset: Preset = .shakespeare

    @Option(help: ArgumentHelp("A recipe file, like the argument.", valueName: "file"))
    var config: [String] = []

    @Option(
        name: [.customLong("pp"), .long], parsing: .unconditional,
        help: ArgumentHelp("Ranks of the pipeline: parallelism.pipeline_parallel_degree.", valueName: "ranks"))
    var pipelineParallelDegree: String?

    @Option(
        name: [.customLong("ep"), .long], parsing: .unconditional,
        help: ArgumentHelp(
            "Ranks of an expert-parallel group: parallelism.expert_parallel_degree.", valueName: "ranks"))
    var expertParallelDegree: String?

    @Option(help: "The schedule's name or a CSV file: parallelism.pipeline_parallel_schedule.")
    var schedule: String?

    @Option(parsing: .unconditional, help: "Steps of training: training.steps.")
    var steps: String?

    @Option(help: "The text to learn: training.dataset_path.")
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

    func run() async throws {
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
        _ = try await worker.version()
        if recipe.training.device == .cuda { try await checkDevices(worker, recipe, schedule) }
        if recipe.validation.split > 0 && split.heldOut.isEmpty {
            note("validation.split: no file holds out \(recipe.windowLength) tokens, so there is no validation loss")
        }
        if let resume {
            let folder = RunFolder(url: URL(filePath: resume, directoryHint: .isDirectory))
            try checkCheckpoint(folder, recipe)
            return try await LocalRun(recipe: recipe, worker: worker, folder: folder, isResumed: true).run()
        }
        try await LocalRun(recipe: recipe, worker: worker, folder: try newFolder(recipe)).run()
    }

    private func checkCheckpoint(_ folder: RunFolder, _ recipe: Recipe) throws {
        let step = try CheckpointFolder(url: folder.checkpoint).latest().step
        guard step < recipe.training.steps else {
            throw CommandError(
                "\(folder.url.relativePath) has all \(step) of training.steps \(recipe.training.steps): give "
                    + "more by --steps"
            )
        }
    }

    private func checkMachine(_ recipe: Recipe, _ schedule: Schedule) throws {
        if recipe.training.device == .cpu, let available = MachineMemory.now().available {
            try recipe.checkMemory(schedule, available: available)
        }
    }

    /// Refuses what the devices of this machine do not allow.
    private func checkDevices(_ worker: WorkerProgram, _ recipe: Recipe, _ schedule: Schedule) async throws {
        let devices: [WorkerProgram.Device]
        do {
            devices = try await worker.devices(ranks: recipe.grid.worldSize)
        } catch {
            throw CommandError("training.device is 'cuda', but \(error)")
        }
        if let least = devices.map(\.free).min() { try recipe.checkDeviceMemory(schedule, available: Double(least)) }
    }

    /// Reads the data through once, for all ranks.
    private func checkedData(_ recipe: Recipe) throws -> TokenSplit {
        let files = try TokenFiles(recipe)
        let split = try TokenSplit(recipe, files)
        if files.format != .bytes, files.byteCount > 8 << 30 {
            note(
                "training.dataset_path: reading \(files.byteCount >> 30) GiB of tokens, to see that all are in "
                    + "the vocabulary"
            )
        }
        try files.checkContents(vocabulary: recipe.model.vocabSize)
        return split
    }

    private func newFolder(_ recipe: Recipe) throws -> RunFolder {
        do {
            return try RunFolder.create(named: recipe.job.name, in: URL(filePath: recipe.job.dumpFolder))
        } catch {
            throw CommandError(
                "job.dump_folder: cannot make a folder in \(recipe.job.dumpFolder): \(error.reason): give another by "
                    + "--job.dump_folder"
            )
        }
    }

    func validate() throws {
        if output.output != nil && !printRecipe && !dryRun {
            throw ValidationError(
                "--output takes what --print-recipe and --dry-run print: --job.dump_folder and --job.name name "
                    + "a run's folder"
            )
        }
        var recipe = preset.recipe
        do {
            try recipe.set(try words().overrides.filter { $0.name != Recipe.configKey })
        } catch let error as RecipeError {
            throw ValidationError(error.description)
        }
    }

    /// Preset, recipe files in their order, then options.
    private func resolvedRecipe() throws -> Recipe {
        var recipe = preset.recipe
        if let resume {
            recipe = try RunFolder(url: URL(filePath: resume, directoryHint: .isDirectory)).loadRecipe(
                readFile: readFile)
        }
        let words = try words()
        for file in config + words.files {
            try recipe.merge(toml: String(decoding: try readFile(file), as: UTF8.self), source: file)
        }
        try recipe.set(words.overrides)
        return recipe
    }

    /// The words that are no options of the command's own: recipe files, and keys with their values.
    private func words() throws -> (files: [String], overrides: [(name: String, value: String)]) {
        var files: [String] = []
        var overrides: [(name: String, value: String)] = []
        var words = rest[...]
        while let word = words.popFirst() {
            guard word.hasPrefix("--") else {
                files.append(word)
                continue
            }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = try Recipe.key(String(parts[0]), or: Self.ownOptions)
            if parts.count == 2 {
                overrides.append((key.name, String(parts[1])))
            } else if let value = words.first, !value.hasPrefix("--") {
                overrides.append((key.name, words.removeFirst()))
            } else {
                throw ValidationError("--\(key.name) needs a value: \(key.typeName)")
            }
        }
        let named = [
            ("parallelism.pipeline_parallel_degree", pipelineParallelDegree),
            ("parallelism.expert_parallel_degree", expertParallelDegree),
            ("parallelism.pipeline_parallel_schedule", schedule), ("training.steps", steps),
            ("training.dataset_path", data),
        ]
        for (name, value) in named { if let value { overrides.append((name, value)) } }
        return (files, overrides)
    }

    /// The options that are no keys of a recipe.
    private static let ownOptions = [
        "config", "data", "dry_run", "ep", "output", "pp", "preset", "print_recipe", "resume", "schedule", "steps",
    ]
}

extension Preset: ExpressibleByArgument {}
