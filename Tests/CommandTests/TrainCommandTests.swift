import Foundation
import Testing

@Suite(.serialized) struct TrainCommandTests {
    private static let hasWorker = FileManager.default.isExecutableFile(
        atPath: Command.products.appending(path: "contraflow-worker").path)

    private func train(in folder: URL, _ arguments: String...) throws -> Command {
        try Command(
            arguments: [
                "train", "--preset", "debug", "--data", folder.appending(path: "text.txt").path, "--job.dump_folder",
                folder.path, "--pp", "2", "--ep", "2", "--steps", "4",
            ] + arguments)
    }

    @Test("--print-recipe prints the recipe, and --dry-run its memory and the problems of this machine")
    func theRecipeIsPrinted() throws {
        let printed = try Command("train", "--preset", "debug", "--print-recipe", "--optimizer.lr", "0.5")
        #expect(printed.status == 0 && printed.output.contains("\nlr = 0.5 "))
        let dry = try Command("train", "--preset", "deepseek-v3-671b", "--dry-run")
        #expect(dry.status == 1 && dry.output.contains("1024 = 16 pipeline x 64 experts"))
        #expect(dry.output.contains("memory of all ranks, about"))
        // The problems of this machine are reported as well.
        #expect(
            dry.errors.contains(
                "this machine cannot run the recipe: parallelism.pipeline_parallel_degree x expert_parallel_degree: "
                    + "1024 ranks take about"))
        #expect(
            dry.errors.contains("this machine cannot run the recipe: training.dataset_path: tokens.bin does not exist"))
    }

    @Test("A dry run has the memory that a refusal names, and the warnings of the data") func aDryRunLooksAtTheData()
        throws
    {
        try withText { folder in
            let file = folder.appending(path: "text.txt").path
            let fine = try Command("train", "--preset", "debug", "--data", file, "--dry-run")
            #expect(fine.status == 0 && fine.errors.isEmpty, "\(fine.errors)")
            let short = folder.appending(path: "short.txt")
            try Data(String(repeating: "a", count: 100).utf8).write(to: short)
            let warned = try Command(
                "train", "--preset", "debug", "--data", short.path, "--steps", "3", "--dry-run")
            #expect(warned.status == 0)
            #expect(warned.errors.contains("Warning: lr_scheduler.warmup_steps is 5, but training.steps is 3"))
            #expect(warned.errors.contains("Warning: validation.split is 0.05, but no file has 34 tokens to hold out"))
            let lines = folder.appending(path: "text.jsonl")
            try Data("{}\n".utf8).write(to: lines)
            let refused = try Command("train", "--preset", "debug", "--data", lines.path, "--dry-run")
            #expect(refused.status == 1 && refused.output.contains("memory of the largest rank"))
            #expect(
                refused.errors.hasPrefix(
                    "Error: this machine cannot run the recipe: training.dataset_path: \(lines.path) is JSON lines"))
            let devices = try Command(
                "train", "--preset", "debug", "--data", file, "--training.device", "cuda", "--pp", "8", "--ep", "8",
                "--training.global_batch_size", "64", "--dry-run")
            #expect(devices.status == 1, "\(devices.errors)")
            let large = try Command("train", "--preset", "deepseek-v3-671b", "--dry-run")
            let row = try #require(
                large.output.split(separator: "\n").first { $0.hasPrefix("memory of the largest rank") })
            let figure = row.split(separator: " ").suffix(2).joined(separator: " ")
            #expect(large.errors.contains("(the largest \(figure): "), "\(large.errors)")
        }
    }

    @Test(
        "A wrong argument is a usage error that suggests the right one",
        arguments: [
            (["trian"], "there is no command 'trian': did you mean 'train'?"),
            (["analyse"], "there is no command 'analyse': did you mean 'analyze'?"),
            (["train", "--tp", "2"], "there is no tensor parallelism"),
            (["train", "--seed", "2"], "did you mean 'training.seed'?"),
            (["train", "--n_head", "2"], "did you mean 'model.num_attention_heads'?"),
            (["train", "--dry-runn"], "did you mean '--dry-run'?"),
            (["train", "--experts", "2"], "'experts' is now '--ep'"),
            (["train", "--layout.pipeline", "2"], "'layout.pipeline' is now 'parallelism.pipeline_parallel_degree'"),
            (["train", "--optimizer.rate=1"], "'optimizer.rate' is now 'optimizer.lr'"),
            (["train", "--metrics.enable-tensorboard"], "--metrics.enable_tensorboard needs a value: true or false"),
            (["train", "--metrics.log_freq", "--dry-run"], "--metrics.log_freq needs a value: a whole number"),
            (
                ["train", "--model.dtype", "int8"],
                "model.dtype is 'int8': it must be auto, float32, float64 or bfloat16"
            ),
            (["train", "--output", "mine"], "use --job.dump_folder and --job.name for the folder of a run"),
            (["train", "--dry-run", "--print-recipe"], "--print-recipe and --dry-run exclude each other"),
            (["train", "--resume", "x", "--preset", "debug"], "--resume starts from the recipe of its run"),
            (
                ["train", "--resume", "x", "--job.name", "y"],
                "--resume continues in the folder of its run: omit --job.name"
            ),
            (
                ["train", "config.json"],
                "config.json is not a recipe, which is a TOML file: to use the file, give --model.config"
            ),
            (["train", "book.txt", "--dry-run"], "give --data book.txt"),
            (["help", "pla"], "there is no command 'pla': did you mean 'plan'?"),
            (["train", "--steps", "-5"], "training.steps is -5: it must be at least 1"),
            (["train", "--optimizer.lr", "-1e-3"], "optimizer.lr is -0.001: it must be a number of at least 0"),
            (["train", "-n", "4"], "Unknown option '-n'"),
            (["train", "--bf16"], "give --model.dtype bfloat16"),
            (["generate", "x", "--max_new_tokens", "5"], "Unknown option '--max-new-tokens': use --tokens"),
            (["generate", "x", "--top-p", "-1"], "--top-p is -1.0: give more than 0 and at most 1"),
            (["generate", "x", "--top-k", "-1"], "--top-k is -1: give 1 or more, or 0 for all tokens"),
            (["generate", "x", "--temperature", "-inf"], "--temperature is -inf: give 0 or more"),
            (["generate", "x", "--stop", ""], "--stop is empty: give a text"),
            (["generate", "x", "--seed", "-1"], "--seed is '-1': give 0 or more"),
            (["generate", "x", "-o", "file"], "Unknown option '-o'"),
            (["plan", "--pp", "4"], "Unknown option '--pp': use --ranks"),
            (["generate", "--nope"], "Unknown option '--nope'"),
            (["generate", "--prompt", "--nope"], "Missing expected argument '<run>'"),
            (["analyze", "--nope"], "Unknown option '--nope'"),
            (["balance", "x", "--replicas", "24", "--gpu", "4"], "Unknown option '--gpu'. Did you mean '--gpus'?"),
            (["balance", "x", "--replicas", "24", "--num-gpus=4"], "Unknown option '--num-gpus': use --gpus"),
            (["balance", "replay", "--cadense", "4"], "Unknown option '--cadense'. Did you mean '--cadence'?"),
            (
                ["balance", "x", "--replicas", "4", "--gpus", "2", "--format", "csv"],
                "--format is 'csv': give one of table, json, svg, html"
            ),
            (["plan", "-o", ""], "-o is empty: name a file, or - for standard output"),
            (["balance", "x", "--gpus", "-2", "--replicas", "4"], "--gpus is -2: give at least 1"),
            (["analyze", "x", "--top", "-1"], "--top is -1: give 0 or more"),
            (["plan", "--schedule", "dualpip"], "there is no schedule 'dualpip': did you mean 'dualpipe'?"),
            (["plan", "--ranks", "8", "--schedule", "dualpip"], "there is no schedule 'dualpip': did you mean"),
        ])
    func wrongArgumentsSuggestRightOnes(arguments: [String], says: String) throws {
        let command = try Command(arguments: arguments)
        #expect(command.status == 64 && command.errors.contains(says), "\(command.errors)")
        // One line, and one hint.
        let lines = command.errors.split(separator: "\n")
        #expect(lines.count == 2 && lines[0].hasPrefix("Error: ") && lines[1].hasPrefix("See 'contraflow"))
    }

    @Test("A recipe is given by --config or as an argument, and a printed recipe is read back")
    func recipesAreNamedEitherWay() throws {
        try withText { folder in
            let file = folder.appending(path: "mine.toml").path
            try Data("[model]\nhidden-size = 48\n".utf8).write(to: URL(filePath: file))
            let options = ["--pp", "2", "--ep=1", "--schedule", "Schedule1F1B", "--print_recipe"]
            let named = try Command(arguments: ["train", "--config", file] + options)
            #expect(named.status == 0 && named.output.contains("\nhidden_size = 48 "), "\(named.errors)")
            #expect(named.output.contains("\npipeline_parallel_degree = 2 "))
            #expect(try Command(arguments: ["train", file] + options).output == named.output)
            let again = folder.appending(path: "again.toml").path
            try Data(named.output.utf8).write(to: URL(filePath: again))
            #expect(try Command("train", "--preset", "debug", again, "--print-recipe").output == named.output)
        }
    }

    @Test("A run's folder of an older version is refused in one line by train, plan and generate")
    func aFolderOfAnOlderVersionIsRefusedInOneLine() throws {
        try withText { folder in
            let run = folder.appending(path: "old")
            try FileManager.default.createDirectory(at: run, withIntermediateDirectories: false)
            try Data("[layout]\npipeline = 2\n".utf8).write(to: run.appending(path: "recipe.toml"))
            var commands = [["train", "--resume", run.path], ["plan", "--costs", run.path]]
            if Self.hasWorker { commands.append(["generate", run.path]) }
            for arguments in commands {
                let command = try Command(arguments: arguments)
                #expect(command.status == 1, "\(arguments)")
                #expect(
                    command.errors.contains("old/recipe.toml was written by an older version: 'layout.pipeline' is now")
                )
                #expect(command.errors.split(separator: "\n").count == 1, "\(command.errors)")
            }
        }
    }

    @Test("Invalid recipes and missing files are refused before any rank starts")
    func invalidRecipesAreRefusedBeforeAnyRankStarts() throws {
        let unknown = try Command("train", "--optimizer.l_r", "1")
        #expect(unknown.status == 64 && unknown.errors.contains("did you mean 'optimizer.lr'?"))
        let uneven = try Command("train", "--ep", "3")
        #expect(uneven.status == 1 && uneven.errors.split(separator: "\n").count == 1)
        let missing = try Command("train", "--data", "/nowhere")
        #expect(missing.status == 1 && missing.errors.contains("training.dataset_path: /nowhere does not exist"))
        let noFile = try Command("train", "/nowhere.toml")
        #expect(noFile.status == 1 && noFile.errors.contains("No such file"))
    }

    @Test(
        "A run leaves metrics, timeline and weights in its folder, and a second run has the same losses",
        .enabled(if: hasWorker)) func aRunLeavesItsFolder() throws
    {
        try withText { folder in
            let command = try train(in: folder)
            #expect(command.status == 0, "\(command.errors)")
            #expect(command.output.isEmpty && command.errors.contains("done: 4 steps"))
            #expect(command.errors.hasPrefix("Warning: lr_scheduler.warmup_steps is 5, but training.steps is 4"))
            let run = folder.appending(path: "debug")
            // Each line at the end is a command that works.
            let path = Command.products.appending(path: "contraflow").path
            #expect(command.errors.contains("report:       \(run.path)/report.html\n"))
            #expect(command.errors.contains("text:         \(path) generate \(run.path)\n"))
            #expect(command.errors.contains("analysis:     \(path) analyze \(run.path)\n"))
            #expect(command.errors.contains("TensorBoard:  tensorboard --logdir \(run.path)\n"))
            #expect(!command.errors.contains("to continue"))
            let text = try Command(
                "generate", run.path, "--tokens", "40", "--stop", "e", "--top-k", "3", "--prompt", "To b")
            #expect(text.status == 0 && text.output.hasPrefix("To b"), "\(text.errors)")
            #expect(!text.output.dropFirst(4).contains("e"))
            let metrics = try String(contentsOf: run.appending(path: "metrics.jsonl"), encoding: .utf8)
            let lines = metrics.split(separator: "\n")
            #expect(lines.count == 4)
            let last = try JSONSerialization.jsonObject(with: Data(lines[3].utf8)) as? [String: Any]
            #expect((last?["validationLoss"] as? Double).map { $0 > 0 && $0 < 6 } == true)
            let analysis = try Command("analyze", run.appending(path: "timeline.json.gz").path, "--format", "json")
            #expect(analysis.status == 0, "\(analysis.errors)")
            let weights = try FileManager.default.contentsOfDirectory(atPath: run.appending(path: "weights").path)
            #expect(weights.count == 5)
            // The same recipe gives the same numbers, in a folder of its own.
            #expect(try train(in: folder).status == 0)
            #expect(try losses(folder.appending(path: "debug-2")) == losses(run))
        }
    }

    @Test("A run without checkpoints saves neither checkpoints nor weights", .enabled(if: hasWorker))
    func nothingIsSaved() throws {
        try withText { folder in
            let command = try train(in: folder, "--checkpoint.enable", "false", "--checkpoint.interval", "1")
            #expect(command.status == 0 && !command.errors.contains("generate"), "\(command.errors)")
            let run = folder.appending(path: "debug")
            let left = Set(try FileManager.default.contentsOfDirectory(atPath: run.path))
            #expect(left.isSuperset(of: ["recipe.toml", "metrics.jsonl", "report.html"]))
            #expect(left.isDisjoint(with: ["checkpoint", "weights"]), "\(left)")
            let resumed = try Command("train", "--resume", run.path, "--steps", "8")
            #expect(resumed.status == 1 && resumed.errors.contains("has no complete checkpoint"), "\(resumed.errors)")
        }
    }

    @Test("A run whose loss diverges ends with status 70 and names the failed rank", .enabled(if: hasWorker))
    func aFailedRankIsNamed() throws {
        try withText { folder in
            // This learning rate makes the second step's loss infinite or NaN.
            let command = try train(
                in: folder, "--optimizer.lr", "1e30", "--lr_scheduler.warmup_steps", "1", "--training.max_norm",
                "0")
            #expect(command.status == 70)
            #expect(command.errors.contains("in step 2, the loss or gradient of rank"))
        }
    }
}
