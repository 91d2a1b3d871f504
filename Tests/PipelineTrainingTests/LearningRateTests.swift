import Foundation
import PipelineTraining
import Testing
import TrainingRecipes

@Suite("Learning rate") struct LearningRateTests {
    /// A warm-up of 10 steps to 1, then a decay over 100 steps to 0.2. At step 35, a quarter of the decay is over.
    @Test(
        "The rate warms up linearly, then follows its curve to the lowest rate",
        arguments: [
            (Recipe.LRSchedulerSection.DecayType.cosine, 0.2 + 0.8 * (1 + cos(.pi / 4)) / 2), (.linear, 0.8),
            (.sqrt, 0.6),
        ])
    func curve(decayType: Recipe.LRSchedulerSection.DecayType, quarter: Double) {
        var recipe = Recipe()
        recipe.optimizer.lr = 1
        recipe.lrScheduler.warmupSteps = 10
        recipe.lrScheduler.decayType = decayType
        recipe.lrScheduler.minLRFactor = 0.2
        recipe.training.steps = 110
        #expect(recipe.learningRate(ofStep: 5) == 0.5 && recipe.learningRate(ofStep: 10) == 1)
        #expect(abs(recipe.learningRate(ofStep: 35) - quarter) < 1e-12)
        #expect(abs(recipe.learningRate(ofStep: 110) - 0.2) < 1e-12)
    }
}
