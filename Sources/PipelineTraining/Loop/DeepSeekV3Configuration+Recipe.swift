import Foundation
import LibTorch
package import MoEModels
package import TrainingRecipes

extension DeepSeekV3Configuration {
    /// The model that a recipe describes.
    package init(_ recipe: Recipe) {
        let model = recipe.model
        let types: [String: ElementType] = ["float64": .float64, "bfloat16": .bfloat16]
        self.init(
            vocabulary: model.vocabulary, width: model.width, layers: model.layers, denseLayers: model.denseLayers,
            heads: model.heads, queryRank: model.queryRank, keyValueRank: model.keyValueRank,
            plainHeadWidth: model.plainHeadWidth, rotaryHeadWidth: model.rotaryHeadWidth,
            valueHeadWidth: model.valueHeadWidth, denseInnerWidth: model.denseInnerWidth,
            expertInnerWidth: model.expertInnerWidth, experts: model.experts, sharedExperts: model.sharedExperts,
            chosenExperts: model.chosenExperts, groups: model.groups, chosenGroups: model.chosenGroups,
            routingScale: model.routingScale, rotaryBase: model.rotaryBase, maximumLength: recipe.batch.length,
            predictionDepth: model.predictionDepth, predictionWeight: model.predictionWeight,
            balanceWeight: model.balanceWeight, biasRate: model.biasRate, startDeviation: model.startDeviation,
            elementType: types[model.type] ?? .float32)
        recomputation = Recomputation(rawValue: recipe.layout.recompute) ?? .none
    }
}

extension Recipe {
    /// The learning rate of a step, from 1: a linear warm-up, then half a cosine down to the final rate.
    package func rate(ofStep step: Int) -> Double {
        let warmUp = optimizer.warmUpSteps
        if step <= warmUp { return optimizer.rate * Double(step) / Double(warmUp) }
        let progress = Double(step - warmUp) / Double(max(run.steps - warmUp, 1))
        let share = (1 + cos(.pi * progress)) / 2
        return optimizer.finalRate + (optimizer.rate - optimizer.finalRate) * share
    }

    /// The optimizer's settings for a step.
    package func optimizerStep(_ step: Int) -> OptimizerStep {
        OptimizerStep(
            number: step, rate: rate(ofStep: step), betas: (optimizer.beta1, optimizer.beta2),
            epsilon: optimizer.epsilon, decay: optimizer.decay,
            maximumNorm: optimizer.maximumNorm > 0 ? optimizer.maximumNorm : nil)
    }
}
