import Foundation
import PipelineSchedules
import TestSupport
import Testing
import TrainingRecipes

@Suite struct RecipeTests {
    @Test("A printed recipe is read back as the same recipe", arguments: Preset.allCases) func aPrintedRecipeIsReadBack(
        preset: Preset
    ) throws {
        var recipe = Preset.debug.recipe
        try recipe.merge(toml: preset.recipe.toml(), source: "printed")
        #expect(recipe == preset.recipe)
    }

    @Test("Every preset passes its preflight", arguments: Preset.allCases) func everyPresetPassesItsPreflight(
        preset: Preset
    ) throws {
        let schedule = try preset.recipe.preflight { _ in [] }
        #expect(schedule.microbatchCount == preset.recipe.parallelism.numMicrobatches)
    }

    @Test("A TOML file changes only its own keys") func filesChangeOnlyTheirKeys() throws {
        var recipe = Recipe()
        try recipe.merge(toml: "[optimizer]\nlr = 1\n[job]\nname = \"a \\\"b\\\"\"\n", source: "mine.toml")
        #expect(recipe.optimizer.lr == 1 && recipe.job.name == "a \"b\"")
        #expect(recipe.model == Recipe().model)
        var again = Recipe()
        try again.merge(toml: recipe.toml(), source: "printed")
        #expect(again == recipe)
    }

    @Test("Hyphens and underscores are the same in keys") func hyphensAndUnderscoresAreTheSame() throws {
        var recipe = Recipe()
        try recipe.merge(
            toml: "[lr-scheduler]\nwarmup-steps = 3\n[model.rope-scaling]\ntype = 'yarn'\nbeta_fast = 16\n",
            source: "r.toml")
        #expect(recipe.lrScheduler.warmupSteps == 3)
        #expect(recipe.model.ropeScaling.type == .yarn && recipe.model.ropeScaling.betaFast == 16)
        try recipe.set("model.hidden-size", to: "64")
        try recipe.merge(toml: "[model]\nrope_scaling = {factor = 4, mscale-all-dim = 0.5}\n", source: "r.toml")
        #expect(recipe.model.hiddenSize == 64 && recipe.model.ropeScaling.factor == 4)
        #expect(recipe.model.ropeScaling.mscaleAllDim == 0.5)
        let twice = message("[model]\nhidden_size = 1\nhidden-size = 1\n")
        #expect(twice == "r.toml: 'model.hidden_size' is given twice: '-' and '_' are the same in keys")
    }

    @Test("The spellings of PyTorch and Hugging Face are accepted") func alternativeSpellingsAreAccepted() throws {
        var recipe = Recipe()
        for (spelling, type) in [
            ("bf16", Recipe.DataType.bfloat16), ("torch.bfloat16", .bfloat16), ("fp32", .float32), ("float", .float32),
            ("fp64", .float64), ("double", .float64), ("float32", .float32),
        ] {
            try recipe.set("model.dtype", to: spelling)
            #expect(recipe.model.dtype == type)
        }
        try recipe.set("metrics.enable_tensorboard", to: "false")
        #expect(!recipe.metrics.enableTensorboard)
        for name in ["1F1B", "Schedule1F1B", "1f1b"] {
            recipe.parallelism.pipelineParallelSchedule = name
            #expect(try recipe.preflight { _ in [] }.name == "1F1B")
        }
    }

    @Test("A printed recipe lists every key once, with its meaning, in the order of the fields")
    func printedRecipesListAllKeys() {
        var section = ""
        var names: [String] = []
        for line in Recipe().toml().split(separator: "\n") {
            if line.hasPrefix("[") {
                section = String(line.dropFirst().dropLast())
            } else {
                let name = "\(section).\(line.prefix { $0 != " " })"
                let meaning = Recipe.fields.first { $0.name == name }?.meaning
                #expect(line.hasSuffix(" # \(meaning ?? "?")"), "\(line)")
                names.append(name)
            }
        }
        #expect(names == Recipe.fields.map(\.name))
        #expect(Set(names).count == names.count)
    }

    @Test("Every key is set by its name, and changes only its own line", arguments: Recipe.fields.map(\.name))
    func everyKeyIsSet(name: String) throws {
        let field = try #require(Recipe.fields.first { $0.name == name })
        var recipe = Recipe()
        switch field.access {
        case .integer: try recipe.set(name, to: "12345")
        case .number: try recipe.set(name, to: "0.12345")
        case .flag(let path): try recipe.set(name, to: "\(!recipe[keyPath: path])")
        case .text: try recipe.set(name, to: "other")
        case .texts: try recipe.set(name, to: #"["a, \"b\"", "c"]"#)
        case .numbers: try recipe.set(name, to: "0.7,3")
        case .word:
            let words = ["float64", "yarn", "cuda", "uint16", "linear", "full", "skip", "static", "equal"]
            #expect(words.count { (try? recipe.set(name, to: $0)) != nil } == 1)
        }
        let (before, after) = (Recipe().toml(), recipe.toml())
        let changes = zip(before.split(separator: "\n"), after.split(separator: "\n")).filter { $0 != $1 }
        #expect(changes.count == 1 && changes.allSatisfy { $1.hasPrefix("\(field.key) = ") }, "\(changes)")
        var again = Recipe()
        try again.merge(toml: after, source: "printed")
        #expect(again == recipe && recipe != Recipe())
    }

    private func message(_ toml: String, isSaved: Bool = false) -> String? {
        var recipe = Recipe()
        return #expect(throws: RecipeError.self) {
            try recipe.merge(toml: toml, source: "r.toml", isSaved: isSaved)
        }?.description
    }

    @Test(
        "An error names the key, its type and the nearest key",
        arguments: [
            ("[optimizer]\nl_r = 1\n", "there is no key 'optimizer.l_r' in a recipe: did you mean 'optimizer.lr'?"),
            (
                "[training]\nsteps = \"many\"\n",
                "training.steps is 'many', but it takes a whole number: steps of training"
            ),
            ("[training]\nsteps = 1.5\n", "training.steps is 1.5, but it takes a whole number: steps of training"),
            (
                "[trainin]\nsteps = 1\n",
                "there is no section [trainin] in a recipe: did you mean [training]? Give one of "
            ),
            ("model = 1\n", "'model' is a section: write [model] and its keys below"),
            ("[model]\nrope_scaling = 1\n", "'model.rope_scaling' is a section: write [model.rope_scaling]"),
            ("[model]\ndtype = \"int8\"\n", "model.dtype is 'int8': it must be auto, float32, float64 or bfloat16"),
            ("[metrics]\nenable_tensorboard = 1\n", "metrics.enable_tensorboard is 1, but it takes true or false"),
            ("[model]\nconfig = 1\n", "model.config is 1: give the path of a config.json"),
            ("[model]\nconfig = \"/nowhere\"\n", "model.config: cannot read /nowhere"),
            ("[layout]\npipeline = 2\n", "'layout.pipeline' is now 'parallelism.pipeline_parallel_degree' (ranks of"),
            ("[optimizer]\nfinal-rate = 2\n", "'optimizer.final_rate' is now 'lr_scheduler.min_lr_factor' (ratio of"),
        ])
    func errorsNameKeyTypeAndNearestKey(toml: String, says: String) {
        #expect(message(toml)?.hasPrefix("r.toml: " + says) == true, "\(message(toml) ?? "")")
    }

    @Test("Former keys in a saved recipe indicate an older version")
    func formerKeysInASavedRecipeIndicateAnOlderVersion() {
        let says = message("[batch]\nlength = 2\n[model]\nwidth = 4\n", isSaved: true)
        #expect(
            says
                == "r.toml was written by an older version: 'batch.length' is now 'training.seq_len' (tokens "
                + "per sequence)"
        )
        #expect(message("[run\n")?.hasPrefix("r.toml, line 1, column ") == true)
    }

    @Test(
        "The keys of other programs are explained",
        arguments: [
            ("lr", "'optimizer.lr'"), ("learning_rate", "'optimizer.lr'"), ("seed", "'training.seed'"),
            ("pp", "'parallelism.pipeline_parallel_degree'"), ("n_head", "'model.num_attention_heads'"),
            ("model.n_layer", "'model.num_hidden_layers'"), ("d-model", "'model.hidden_size'"),
            ("batch_size", "'training.global_batch_size'"), ("micro_batch_size", "'parallelism.num_microbatches'"),
            ("epochs", "'training.steps'"), ("ctx_len", "'training.seq_len'"),
            ("mtp", "'model.num_nextn_predict_layers'"),
            ("model.seed", "'training.seed'"), ("n_routed_expert", "'model.n_routed_experts'"),
            ("optimizer.steps", "'training.steps' or 'validation.steps'"), ("tp", "there is no tensor parallelism"),
            ("parallelism.tensor_parallel_degree", "there is no tensor parallelism"), ("model.confg", "'model.config'"),
            ("pipeline", "now '--pp'"), ("frobnicate", "--print-recipe lists all keys"),
            ("parallelism.ranks", "'parallelism.pipeline_parallel_degree'"),
            ("model.flavor", "choose the sizes by --preset"),
            ("parallelism.pipeline_parallel_microbatch_size", "'parallelism.num_microbatches'"),
            ("training.microbatches", "'parallelism.num_microbatches'"),
            ("lr_scheduler.lr_min", "'lr_scheduler.min_lr_factor'"),
            ("training.mixed_precision_param", "'model.dtype'"), ("training.compile", "there is no compilation"),
            ("compile.enable", "there is no compilation"), ("optimizer.name", "the optimizer is AdamW"),
            ("model.scoring_func", "sigmoids"), ("train.steps", "did you mean [training]?"),
            ("learning_rat", "'optimizer.lr'"),
            ("job.nmae", "'job.name'"), ("job.frobnicate", "--print-recipe lists all keys"),
        ])
    func keysOfOtherProgramsAreExplained(name: String, says: String) {
        var recipe = Recipe()
        let error = #expect(throws: RecipeError.self) { try recipe.set(name, to: "1") }
        #expect(error?.description.contains(says) == true, "\(String(describing: error))")
    }

    @Test("Every former key leads to an existing key or option, and every alias to an existing key")
    func formerKeysAndAliasesLeadToKeys() throws {
        let names = Set(Recipe.fields.map(\.name))
        #expect(!FormerKeys.all.isEmpty && !KeyAliases.all.isEmpty)
        for (former, new) in FormerKeys.all { #expect(names.contains(new) || new.hasPrefix("--"), "\(former)") }
        for (alias, key) in KeyAliases.all { #expect(names.contains(key), "\(alias)") }
    }

    @Test(
        "Options of other programs are explained",
        arguments: [
            ("bf16", "give --model.dtype bfloat16"), ("fp16", "there is no float16"),
            ("per_device_train_batch_size", "give training.global_batch_size"), ("save_steps", "'checkpoint.interval'"),
            ("resume_from_checkpoint", "give --resume FOLDER"), ("num_train_epochs", "'training.steps'"),
            ("nproc_per_node", "the world size is"), ("moe_aux_loss_coeff", "'model.aux_loss_alpha'"),
        ])
    func optionsOfOtherProgramsAreExplained(name: String, says: String) {
        let error = #expect(throws: RecipeError.self) { try Recipe.key(name) }
        #expect(error?.description.contains(says) == true, "\(String(describing: error))")
    }

    @Test(
        "A recipe without keys and a section that does not exist are refused",
        arguments: [
            ("", "r.toml has no keys"), ("# [training]\n# steps = 1\n", "r.toml has no keys"),
            (
                "[trainning]\n",
                "r.toml: there is no section [trainning] in a recipe: did you mean [training]? Give one of"
            ),
            ("[training]\nsteps = 1\n[data]\n", "r.toml: there is no section [data] in a recipe: give one of"),
            ("[model.rope]\n", "r.toml: there is no section [model.rope] in a recipe"),
        ])
    func emptyRecipesAndSections(toml: String, says: String) {
        let message = message(toml)
        #expect(message?.hasPrefix(says) == true, "\(message ?? "")")
    }

    @Test("A section without keys changes nothing") func aSectionWithoutKeys() throws {
        var recipe = Recipe()
        try recipe.merge(toml: "[training]\n[model.rope_scaling]\n[lr-scheduler]\n", source: "r.toml")
        #expect(recipe == Recipe())
    }

    @Test("Numbers that are not finite, not whole or too large are refused") func numbersMustFitTheirType() {
        var recipe = Recipe()
        #expect(throws: RecipeError.self) { try recipe.set("optimizer.lr", to: "nan") }
        #expect(throws: RecipeError.self) { try recipe.set("training.steps", to: "1e3") }
        let large = #expect(throws: RecipeError.self) { try recipe.set("training.steps", to: "99999999999999999999") }
        #expect(large?.description == "training.steps is 99999999999999999999: it must be at most 4294967296")
    }

    @Test(
        "The preflight refuses invalid values with the limit",
        arguments: [
            ("parallelism.expert_parallel_degree", "3", "does not divide"),
            ("parallelism.pipeline_parallel_degree", "0", "at least 1"), ("model.num_hidden_layers", "3", "stages"),
            ("parallelism.num_microbatches", "1", "at least 2"), ("training.global_batch_size", "33", "multiple of 16"),
            ("model.vocab_size", "100", "256"), ("training.device", "gpu", "cpu or cuda"),
            ("parallelism.pipeline_parallel_schedule", "dualpip", "did you mean 'dualpipe'? Give one of gpipe, 1f1b"),
            ("model.dtype", "int8", "float32"), ("activation_checkpoint.mode", "all", "none, selective or full"),
            ("lr_scheduler.decay_type", "step", "cosine, linear or sqrt"),
            ("lr_scheduler.min_lr_factor", "2", "from 0 to 1"),
            ("training.dataset_format", "words", "bytes"), ("validation.split", "1", "below 1"),
            ("model.n_group", "3", "does not divide"), ("model.num_experts_per_tok", "5", "the chosen groups have 4"),
            ("model.qk_rope_head_dim", "3", "even"), ("optimizer.lr", "-1", "at least 0"),
            ("training.steps", "0", "at least 1"),
            ("model.hidden_size", "9223372036854775807", "at most"),
            ("training.seq_len", "4611686018427387904", "at most"),
            ("parallelism.pipeline_parallel_degree", "1000000", "at most"),
            ("parallelism.num_microbatches", "1048576", "at most 1048576"), ("optimizer.beta1", "1", "below 1"),
            ("job.name", "../up", "without '/'"), ("job.name", "", "without '/'"), ("job.name", "a\nb", "without '/'"),
            ("model.n_shared_experts", "-1", "at least 0"), ("model.n_shared_experts", "257", "at most 256"),
            ("model.max_position_embeddings", "63", "training.seq_len is 64"),
            ("model.rope_scaling.factor", "4", "yarn"),
            ("model.rope_scaling.factor", "0.5", "at least 1"), ("model.num_nextn_predict_layers", "2", "at most 1"),
        ])
    func invalidValuesAreRefused(key: String, value: String, says: String) throws {
        var recipe = Recipe()
        let error = #expect(throws: RecipeError.self) {
            try recipe.set(key, to: value)
            _ = try recipe.preflight { _ in [] }
        }
        #expect(error?.description.contains(says) == true, "\(String(describing: error))")
        #expect(error?.description.contains("\n") == false)
    }

    @Test("A schedule from a CSV file must match the recipe's ranks and micro-batches")
    func aScheduleFromAFileIsChecked() throws {
        var recipe = Recipe()
        recipe.parallelism.pipelineParallelSchedule = "mine.csv"
        recipe.parallelism.pipelineParallelDegree = 2
        recipe.parallelism.numMicrobatches = 4
        let csv = try BuiltInSchedule.oneForwardOneBackward.build(ranks: 2, microbatches: 4).csv()
        #expect(try recipe.preflight { _ in Array(csv.utf8) }.rankCount == 2)
        recipe.parallelism.numMicrobatches = 8
        #expect(throws: RecipeError.self) { try recipe.preflight { _ in Array(csv.utf8) } }
        #expect(throws: RecipeError.self) { try recipe.preflight { _ in Array("0F0junk".utf8) } }
    }

    @Test("The number of chains of a CSV file comes from the recipe, otherwise from the file's sidecar")
    func chainsComeFromTheRecipeOrTheSidecar() throws {
        let schedule = try BuiltInSchedule.dualPipe.build(ranks: 4, microbatches: 10)
        try withTemporaryFolder { folder in
            let path = folder.appending(path: "mine.csv").path
            let readFile = { (path: String) in [UInt8](try Data(contentsOf: URL(filePath: path))) }
            try Data(schedule.csv().utf8).write(to: URL(filePath: path))
            var recipe = Recipe()
            recipe.parallelism.pipelineParallelSchedule = path
            recipe.parallelism.pipelineParallelDegree = 4
            recipe.parallelism.numMicrobatches = 10
            recipe.training.globalBatchSize = 40
            func error() -> String? {
                #expect(throws: RecipeError.self) { try recipe.preflight(readFile: readFile) }?.description
            }
            #expect(error()?.contains("with two chains, as in DualPipe, the schedule is valid: give 2") == true)
            recipe.parallelism.numChains = 2
            #expect(try recipe.preflight(readFile: readFile).chains == schedule.chains)
            recipe.parallelism.numChains = 0
            try ChainSidecar.write(for: schedule, besides: path)
            #expect(try recipe.preflight(readFile: readFile).chains == schedule.chains)
            recipe.setChains(of: schedule)
            #expect(recipe.parallelism.numChains == 2)
            recipe.parallelism.numChains = 1
            #expect(error()?.hasPrefix("parallelism.num_chains is 1: ") == true, "the recipe wins over the sidecar")
            recipe.parallelism.numChains = 0
            try Data("{\"version\": 2}".utf8).write(to: URL(filePath: path + ".chains.json"))
            #expect(error()?.contains("mine.csv.chains.json is not a sidecar") == true)
            // A schedule of one chain leaves no sidecar of an earlier schedule behind.
            try ChainSidecar.write(for: BuiltInSchedule.gpipe.build(ranks: 2, microbatches: 2), besides: path)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["mine.csv"])
        }
        var recipe = Recipe()
        recipe.setChains(of: schedule)
        #expect(recipe.parallelism.numChains == 0, "a built-in schedule has its own chains")
    }

    @Test("A size that a schedule does not support is named by its key") func unsupportedSizesAreNamedByTheirKey()
        throws
    {
        func message(_ change: (inout Recipe) -> Void) -> String? {
            var recipe = Recipe()
            change(&recipe)
            return #expect(throws: RecipeError.self) { try recipe.preflight { _ in [] } }?.description
        }
        #expect(
            message { $0.parallelism.numMicrobatches = 1 }?.hasPrefix(
                "parallelism.num_microbatches: DualPipe cannot run with 1 ")
                == true)
        let odd = message {
            $0.parallelism.pipelineParallelSchedule = "hanayo"
            $0.parallelism.numVirtualStagesPerPipelineRank = 3
        }
        #expect(
            odd?.hasPrefix("parallelism.num_virtual_stages_per_pipeline_rank: Hanayo cannot run with 3 chunks") == true)
    }

    @Test("DeepSeek-V3 has the parameter counts of its report") func deepSeekV3HasTheSizesOfItsReport() {
        let model = Preset.deepSeekV3.recipe.model
        // The report has 671 billion parameters, 37 billion of them active, without the 11.5 billion of multi-token
        // prediction.
        #expect((682...686).contains(model.totalParameters / 1_000_000_000))
        #expect((37...40).contains(model.activeParameters / 1_000_000_000))
    }
}
