import PipelineSchedules
import Testing
import TrainingRecipes

@Suite struct RecipeTests {
    @Test(arguments: Preset.allCases) func aPrintedRecipeIsReadBack(preset: Preset) throws {
        var recipe = Preset.debug.recipe
        try recipe.merge(toml: preset.recipe.toml(), source: "printed")
        #expect(recipe == preset.recipe)
    }

    @Test(arguments: Preset.allCases) func everyPresetPassesItsPreflight(preset: Preset) throws {
        let schedule = try preset.recipe.preflight { _ in [] }
        #expect(schedule.microbatchCount == preset.recipe.batch.microbatches)
    }

    @Test func filesChangeWhatTheyName() throws {
        var recipe = Recipe()
        try recipe.merge(toml: "[optimizer]\nrate = 1\n[run]\nname = \"a \\\"b\\\"\"\n", source: "mine.toml")
        #expect(recipe.optimizer.rate == 1 && recipe.run.name == "a \"b\"")
        #expect(recipe.model == Recipe().model)
        var again = Recipe()
        try again.merge(toml: recipe.toml(), source: "printed")
        #expect(again == recipe)
    }

    @Test func errorsNameKeyTypeAndNearestKey() {
        func message(_ toml: String) -> String? {
            var recipe = Recipe()
            return #expect(throws: RecipeError.self) { try recipe.merge(toml: toml, source: "r.toml") }?.description
        }
        #expect(
            message("[optimizer]\nrat = 1\n")
                == "r.toml: there is no key 'optimizer.rat' in a recipe: did you mean 'optimizer.rate'?")
        #expect(
            message("[run]\nsteps = \"many\"\n")?.hasPrefix("r.toml: run.steps is ") == true)
        #expect(message("[run]\nsteps = 1.5\n")?.contains("it takes a whole number") == true)
        #expect(message("[runs]\nsteps = 1\n")?.contains("it has batch, data, layout, model, optimizer, run") == true)
        #expect(message("run = 1\n")?.contains("'run' is a section") == true)
        #expect(message("[run\n")?.hasPrefix("r.toml, line 1, column ") == true)
        var recipe = Recipe()
        #expect(throws: RecipeError.self) { try recipe.set("optimizer.rate", to: "nan") }
        #expect(throws: RecipeError.self) { try recipe.set("run.steps", to: "1e3") }
    }

    /// The parser itself would abort the process.
    @Test(arguments: [
        ("[\n", 1), ("a = 1\n[ # name\nb]", 2), ("a = \"\"\"\n[\n\"\"\"\n  [[=x]]", 4), ("[[", nil), ("[[[a]]]", 1),
        ("a = [\n[1],\n[\n2]]\n[b]", nil), ("# [\n[ \"a b\" ]\nc = '['\n", nil), ("[]", nil), ("['a'.b]", nil),
    ])
    func sectionsWithoutANameAreFound(text: String, line: Int?) {
        #expect(TOMLHeaders.firstWithoutName(in: text) == line)
        var recipe = Recipe()
        #expect(throws: RecipeError.self) { try recipe.merge(toml: text + "\n?", source: "test") }
    }

    @Test(arguments: [
        ("layout.experts", "3", "does not divide"), ("layout.pipeline", "0", "at least 1"),
        ("model.layers", "3", "stages"), ("batch.microbatches", "1", "at least 2"),
        ("batch.sequences", "33", "multiple of 16"), ("model.vocabulary", "100", "256"),
        ("layout.device", "gpu", "cpu or cuda"), ("layout.schedule", "dualpip", "give one of"),
        ("model.type", "int8", "float32"),
        ("data.tokens", "words", "bytes"), ("data.held-out", "1", "below 1"), ("model.groups", "3", "does not divide"),
        ("model.chosen-experts", "5", "the chosen groups have 4"), ("model.rotary-head-width", "3", "even"),
        ("optimizer.rate", "-1", "from 0 on"), ("run.steps", "0", "at least 1"),
        ("model.width", "9223372036854775807", "at most"), ("batch.length", "4611686018427387904", "at most"),
        ("layout.pipeline", "1000000", "at most"), ("batch.microbatches", "1048576", "at most 1048576"),
        ("optimizer.beta1", "1", "below 1"), ("run.name", "../up", "without '/'"), ("run.name", "", "without '/'"),
        ("run.name", "a\nb", "without '/'"), ("model.shared-experts", "-1", "0 to 256"),
    ])
    func whatCannotRunIsRefused(key: String, value: String, says: String) throws {
        var recipe = Recipe()
        try recipe.set(key, to: value)
        let error = #expect(throws: RecipeError.self) { try recipe.preflight { _ in [] } }
        #expect(error?.description.contains(says) == true, "\(String(describing: error))")
        #expect(error?.description.contains("\n") == false)
    }

    @Test func aScheduleFromAFileIsChecked() throws {
        var recipe = Recipe()
        recipe.layout.schedule = "mine.csv"
        recipe.layout.pipeline = 2
        recipe.batch.microbatches = 4
        let csv = try BuiltInSchedule.oneForwardOneBackward.build(ranks: 2, microbatches: 4).csv()
        #expect(try recipe.preflight { _ in Array(csv.utf8) }.rankCount == 2)
        recipe.batch.microbatches = 8
        #expect(throws: RecipeError.self) { try recipe.preflight { _ in Array(csv.utf8) } }
        #expect(throws: RecipeError.self) { try recipe.preflight { _ in Array("0F0junk".utf8) } }
    }

    @Test func whatASizeDoesNotFitIsNamedByItsKey() throws {
        func message(_ change: (inout Recipe) -> Void) -> String? {
            var recipe = Recipe()
            change(&recipe)
            return #expect(throws: RecipeError.self) { try recipe.preflight { _ in [] } }?.description
        }
        #expect(
            message { $0.batch.microbatches = 1 }?.hasPrefix("batch.microbatches: DualPipe cannot run with 1 ") == true)
        let odd = message {
            $0.layout.schedule = "hanayo"
            $0.layout.chunks = 3
        }
        #expect(odd?.hasPrefix("layout.chunks: Hanayo cannot run with 3 chunks") == true)
    }

    @Test func deepSeekV3HasTheSizesOfItsReport() {
        let model = Preset.deepSeekV3.recipe.model
        // 671 billion and 37 billion active, without the 11.5 billion of multi-token prediction's own layer.
        #expect((682...686).contains(model.totalParameters / 1_000_000_000))
        #expect((37...40).contains(model.activeParameters / 1_000_000_000))
    }
}
