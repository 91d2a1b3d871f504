public import ArgumentParser
import Foundation
import RankHeartbeats
import PipelineSchedules
public import TrainingRecipes
import TrainingRuns

/// Trains a model on local ranks.
struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a Mixture-of-Experts model with DualPipe and expert parallelism.",
        usage: "contraflow train [<options>] [<recipe> ...] [--<section>.<key> <value> ...]",
        discussion: """
            The run is configured by a preset, then by recipe files, then by options; later values take precedence. \
            Every key of a recipe is also an option, such as --optimizer.lr 1e-3. The keys of [model] are those of \
            Hugging Face's config.json, which --model.config FILE reads; the other sections are torchtitan's.

            Presets:
            \(Preset.allCases.map { "  \($0.rawValue): \($0.purpose)" }.joined(separator: "\n"))

            Examples:
              contraflow train
              contraflow train --preset debug --pp 2 --ep 1 --schedule 1F1B
              contraflow train --data ~/texts --steps 500 --optimizer.lr 1e-3
              contraflow train --max-restarts 3
              contraflow train --resume runs/shakespeare
              contraflow train --print-recipe -o mine.toml
              contraflow train mine.toml --training.seq_len 128
              contraflow train --model.config config.json --print-recipe
              contraflow train --preset deepseek-v3-671b --dry-run --device-memory 80

            Exit codes: 0 success, 1 failure, 64 usage error, 70 failed rank, 130 after Ctrl-C, 138 after SIGUSR1, \
            143 after SIGTERM, 141 after the reader of the output has ended.
            """)

    @Option(help: "The preset to start from; shakespeare by default.")
    var preset: Preset?

    @Option(
        help: ArgumentHelp(
            "Text or tokens, a file or a folder (training.dataset_path); repeat the option to mix several.",
            valueName: "path"))
    var data: [String] = []

    @Option(help: ArgumentHelp("Number of training steps (training.steps).", valueName: "n"))
    var steps: String?

    @Option(
        name: [.customLong("pp"), .long],
        help: ArgumentHelp("Pipeline ranks (parallelism.pipeline_parallel_degree).", valueName: "n"))
    var pipelineParallelDegree: String?

    @Option(
        name: [.customLong("ep"), .long],
        help: ArgumentHelp("Expert-parallel ranks (parallelism.expert_parallel_degree).", valueName: "n"))
    var expertParallelDegree: String?

    @Option(
        help: ArgumentHelp("Schedule (parallelism.pipeline_parallel_schedule).", valueName: "name|file"))
    var schedule: String?

    @Option(help: ArgumentHelp("Continue an interrupted run from its last checkpoint.", valueName: "folder"))
    var resume: String?

    @Option(
        help: ArgumentHelp(
            "With --resume: the checkpoint to continue from. Later ones are moved to a folder 'checkpoint-N'.",
            valueName: "n"))
    var fromStep: Int?

    @Option(
        help: ArgumentHelp(
            "Times that failed ranks are started again, from the last checkpoint.", valueName: "n"))
    var maxRestarts = 0

    @Option(help: ArgumentHelp("A recipe file, like the argument.", valueName: "file"))
    var config: [String] = []

    @Flag(help: "Check the recipe, print its parameters and memory, and stop.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "With --dry-run: the memory of a CUDA device that each rank must fit.", valueName: "GB"))
    var deviceMemory: Double?

    @Flag(help: "Print the recipe as TOML, with the meaning of each key, and stop.")
    var printRecipe = false

    @OptionGroup var output: OutputOptions

    @Argument(
        parsing: .allUnrecognized,
        help: ArgumentHelp("A recipe file. Every key of a recipe is an option --section.key.", valueName: "recipe"))
    var rest: [String] = []

    func run() async throws {
        var recipe = try resolvedRecipe()
        if printRecipe {
            return try output.write(recipe.toml())
        }
        if deviceMemory != nil { recipe.training.device = .cuda }
        let schedule = try recipe.preflight { try readFile($0) }
        let machine = MachineCheck(recipe: recipe, schedule: schedule, deviceMemory: deviceMemory)
        if dryRun {
            try output.write(DryRun(recipe: recipe, schedule: schedule, deviceMemory: deviceMemory).text())
            return try await machine.reportProblems { [recipe] in
                if let resumed { try checkCheckpoint(resumed, recipe) } else { try machine.checkWeights() }
            }
        }
        try machine.checkMemory()
        let warnings = try machine.checkData()
        if resume == nil { try machine.checkWeights() }
        try machine.checkPlacement()
        let limits = try HeartbeatLimits(environment: ProcessInfo.processInfo.environment)
        let worker = try WorkerProgram.find()
        let signals = await RunSignals()
        try await signals.cancelling {
            _ = try await worker.version()
            try await machine.checkDevices(worker)
        }
        warnings.forEach { note("Warning: \($0)") }
        let folder = try resumed ?? newFolder(recipe)
        let lock = try RunLock(folder) { note($0) }
        defer { lock.release() }
        if let resumed { try checkCheckpoint(resumed, recipe) }
        if let resumed, let fromStep { try CheckpointFolder(url: resumed.checkpoint).setAside(after: fromStep) }
        try await LocalRun(
            recipe: recipe, worker: worker, folder: folder, limits: limits, maxRestarts: maxRestarts, signals: signals
        ).run()
    }

    /// The folder of the run that continues.
    private var resumed: RunFolder? { resume.map { RunFolder(url: URL(filePath: $0, directoryHint: .isDirectory)) } }

    private func checkCheckpoint(_ folder: RunFolder, _ recipe: Recipe) throws {
        let checkpoints = CheckpointFolder(url: folder.checkpoint)
        let steps = try checkpoints.steps()
        if let fromStep, !steps.isEmpty, !steps.contains(fromStep) {
            throw CommandError(
                "\(folder.url.relativePath) has no complete checkpoint of step \(fromStep): give --from-step one of "
                    + steps.map(String.init).joined(separator: ", "))
        }
        guard
            let manifest = try checkpoints.continuation(
                with: recipe, original: folder.loadRecipe(), data: DataIdentity(TokenFiles(recipe)),
                from: steps.filter { $0 <= fromStep ?? .max })?.manifest
        else {
            throw CommandError(
                "\(folder.url.relativePath) has no complete checkpoint: the run ended before its first one, or "
                    + "checkpoint.enable was false: start a new run")
        }
        let step = manifest.step
        // A run that ended while it saved its weights is finished.
        let isFinished = (try? WeightsFolder(folder).manifest())?.step == step
        guard step < recipe.training.steps || step == recipe.training.steps && !isFinished else {
            throw CommandError(
                "\(folder.url.relativePath) has already trained \(counted(step, "step")), and training.steps is "
                    + "\(recipe.training.steps): give more steps with --steps"
            )
        }
    }

    private func newFolder(_ recipe: Recipe) throws -> RunFolder {
        do {
            return try RunFolder.create(named: recipe.job.name, in: URL(filePath: recipe.job.dumpFolder))
        } catch {
            throw CommandError(
                "job.dump_folder: cannot create a folder in \(recipe.job.dumpFolder): \(error.reason): give another "
                    + "with --job.dump_folder"
            )
        }
    }

    func validate() throws {
        if output.output != nil && !printRecipe && !dryRun {
            throw ValidationError(
                "--output is for --print-recipe and --dry-run: use --job.dump_folder and --job.name for the folder of "
                    + "a run"
            )
        }
        guard (0...1_000_000).contains(maxRestarts) else {
            throw ValidationError("--max-restarts is \(maxRestarts): give 0 to 1000000")
        }
        if fromStep != nil, resume == nil {
            throw ValidationError("--from-step is for --resume: give the folder of a run with it")
        }
        if let deviceMemory {
            guard dryRun else { throw ValidationError("--device-memory is for --dry-run: give it as well") }
            guard deviceMemory > 0, deviceMemory <= 1e6 else {
                throw ValidationError("--device-memory is \(deviceMemory): give a number of GB above 0, at most 1e6")
            }
        }
        if printRecipe && dryRun {
            throw ValidationError("--print-recipe and --dry-run exclude each other: give one of them")
        }
        do {
            let words = try words().overrides
            try checkResumption(words.map(\.name))
            let overrides = words.filter { ![Recipe.configKey, Recipe.weightsKey].contains($0.name) }
            var recipe = startingPreset.recipe
            try recipe.set(overrides)
            if let fault = overrides.lazy.compactMap({ recipe.fault(ofKey: $0.name) }).first {
                throw ValidationError(fault)
            }
        } catch let error as RecipeError {
            throw ValidationError(error.description)
        }
    }

    /// Refuses options that have no effect on a run that continues.
    private func checkResumption(_ keys: [String]) throws {
        guard resume != nil else { return }
        if preset != nil {
            throw ValidationError("--resume starts from the recipe of its run, not from a preset: omit --preset")
        }
        if let key = keys.first(where: { $0.hasPrefix("job.") }) {
            throw ValidationError("--resume continues in the folder of its run: omit --\(key)")
        }
        if keys.contains(Recipe.weightsKey) {
            throw ValidationError("--resume continues from a checkpoint: omit --\(Recipe.weightsKey)")
        }
    }

    private var startingPreset: Preset { preset ?? .shakespeare }

    /// Returns the recipe of the preset, or of the run to resume, changed by the recipe files in their order, then by
    /// the options.
    private func resolvedRecipe() throws -> Recipe {
        var recipe = startingPreset.recipe
        if let resumed { recipe = try recipeOf(resumed) }
        let words = try words()
        var given = Set(words.overrides.map(\.name))
        for file in config + words.files {
            try checkName(ofRecipe: file)
            given.formUnion(
                try recipe.merge(
                    toml: String(decoding: try readFile(file, limit: TOMLCheck.byteLimit), as: UTF8.self), source: file)
            )
        }
        try recipe.set(words.overrides)
        if resume == nil { try recipe.takeTokenDescription(given: given) }
        return recipe
    }

    private func recipeOf(_ resumed: RunFolder) throws -> Recipe {
        func isMissing(_ url: URL) -> Bool { access(url.path(percentEncoded: false), F_OK) != 0 && errno == ENOENT }
        if isMissing(resumed.recipe), !isMissing(resumed.url) {
            throw CommandError(
                "\(resumed.url.relativePath) has no recipe.toml: the run ended before it wrote one, or this is not the "
                    + "folder of a run: start a new run")
        }
        return try resumed.loadRecipe()
    }

    /// Refuses files that are not recipes, but that an option reads.
    private func checkName(ofRecipe file: String) throws {
        let options = [
            "--model.config": [".json"], "--data": [".txt", ".jsonl", ".parquet", ".bin", ".gz", ".zst"],
        ]
        guard let option = options.first(where: { $0.value.contains(where: file.lowercased().hasSuffix) }) else {
            return
        }
        throw ValidationError(
            "\(file) is not a recipe, which is a TOML file: to use the file, give \(option.key) \(file)")
    }

    /// Splits the arguments that are not options of the command into recipe files and keys with their values.
    private func words() throws -> (files: [String], overrides: [(name: String, value: String)]) {
        var files: [String] = []
        var overrides: [(name: String, value: String)] = []
        var words = rest[...]
        while let word = words.popFirst() {
            guard word.hasPrefix("--") else {
                if word.hasPrefix("-") { throw ValidationError("Unknown option '\(word)'") }
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
            ("training.dataset_path", try dataPaths()),
        ]
        for (name, value) in named { if let value { overrides.append((name, value)) } }
        return (files, overrides)
    }

    /// The paths of `--data` as the value of one option: a text, or a list of several.
    private func dataPaths() throws -> String? {
        data.count > 1 ? String(decoding: try JSONEncoder().encode(data), as: UTF8.self) : data.first
    }

    /// The options that are not keys of a recipe.
    private static let ownOptions = [
        "config", "data", "device_memory", "dry_run", "ep", "from_step", "max_restarts", "output", "pp", "preset",
        "print_recipe", "resume", "schedule", "steps",
    ]
}

extension Preset: ExpressibleByArgument {}
