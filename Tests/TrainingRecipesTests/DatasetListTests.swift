import Testing
import TrainingRecipes

@Suite struct DatasetListTests {
    private func recipe(_ toml: String) throws -> Recipe {
        var recipe = Recipe()
        try recipe.merge(toml: "[training]\n\(toml)\n", source: "r.toml")
        return recipe
    }

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("Data is a path or a list of paths, in files and in options") func paths() throws {
        #expect(try recipe(#"dataset_path = "a""#).training.datasetPath == ["a"])
        #expect(try recipe(#"dataset_path = ["a", "b, c"]"#).training.datasetPath == ["a", "b, c"])
        var recipe = Recipe()
        for (text, paths) in [("a b", ["a b"]), (#"["a", "b"]"#, ["a", "b"]), ("[a]", ["[a]"]), ("a,b", ["a,b"])] {
            try recipe.set("training.dataset_path", to: text)
            #expect(recipe.training.datasetPath == paths)
        }
        for value in ["3", #"["a", 3]"#] {
            let said = message { _ = try self.recipe("dataset_path = \(value)") }
            #expect(said.contains("takes a text or a list of texts"), "\(said)")
        }
    }

    @Test("Weights are a list of numbers, in files and in options") func weights() throws {
        #expect(try recipe("dataset_weights = [7, 0.5]").training.datasetWeights == [7, 0.5])
        var recipe = Recipe()
        for text in ["0.7,0.3", "[0.7, 0.3]", "0.7, 0.3"] {
            try recipe.set("training.dataset_weights", to: text)
            #expect(recipe.training.datasetWeights == [0.7, 0.3])
        }
        for text in ["a", "0.7,,0.3", "0.7;0.3", "nan"] {
            let said = message { try recipe.set("training.dataset_weights", to: text) }
            #expect(said.contains("takes a list of numbers"), "\(said)")
        }
    }

    @Test("Weights that do not fit the data are refused before a rank starts")
    func refusals() throws {
        for (paths, weights, says) in [
            (["a", "b"], [1.0], "has 1 number, but training.dataset_path has 2: give a weight per path"),
            (["a"], [1, 2], "dataset_weights has 2 numbers, but training.dataset_path has 1"),
            (["a", "b"], [1, 0], "dataset_weights has 0.0: give numbers above"),
            (["a", "b"], [1, -1], "dataset_weights has -1.0: give numbers above"),
            (["a", "b"], [1, 1e-9], "dataset_weights has 1e-09: give numbers above 1/65536 of their sum"),
            ([], [], "dataset_path is an empty list"),
        ] {
            var recipe = Preset.debug.recipe
            recipe.training.datasetPath = paths
            recipe.training.datasetWeights = weights
            #expect(message { _ = try recipe.preflight { _ in [] } }.contains(says))
        }
    }
}
