import Foundation
import MoEModels
import PipelineTraining
import Testing
import TrainingRecipes

@Suite("Stored configuration") struct StoredConfigurationTests {
    private static let stretched: Recipe = {
        var recipe = Preset.debug.recipe
        recipe.model.ropeScaling.type = .yarn
        recipe.model.ropeScaling.factor = 4
        recipe.model.ropeScaling.originalMaxPositionEmbeddings = 8
        recipe.model.maxPositionEmbeddings = 4096
        recipe.model.rmsNormEps = 1e-5
        recipe.model.numNextnPredictLayers = 0
        recipe.model.dtype = .float64
        return recipe
    }()

    @Test(
        "A recipe read from the config.json beside a run's weights has the same model",
        arguments: Preset.allCases.map(\.recipe) + [stretched])
    func reading(recipe: Recipe) throws {
        let model = DeepSeekV3Model(recipe)
        let json = try #require(model.storedConfiguration)
        var read = Recipe()
        try read.merge(huggingFace: Data(json.utf8), source: "config.json")
        #expect(read.model == model.configuration)
        #expect(model.configuration.rmsNormEps == recipe.model.rmsNormEps)
    }
}
