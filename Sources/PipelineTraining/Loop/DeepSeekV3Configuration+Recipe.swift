import Foundation
import LibTorch
package import MoEModels
package import TrainingRecipes

extension DeepSeekV3Configuration {
    /// The model that a recipe describes.
    package init(_ recipe: Recipe) {
        let model = recipe.model
        self.init(
            vocabSize: model.vocabSize, hiddenSize: model.hiddenSize, numHiddenLayers: model.numHiddenLayers,
            firstKDenseReplace: model.firstKDenseReplace, numAttentionHeads: model.numAttentionHeads,
            qLoraRank: model.qLoraRank, kvLoraRank: model.kvLoraRank, qkNopeHeadDim: model.qkNopeHeadDim,
            qkRopeHeadDim: model.qkRopeHeadDim, vHeadDim: model.vHeadDim, intermediateSize: model.intermediateSize,
            moeIntermediateSize: model.moeIntermediateSize, nRoutedExperts: model.nRoutedExperts,
            nSharedExperts: model.nSharedExperts, numExpertsPerTok: model.numExpertsPerTok, nGroup: model.nGroup,
            topkGroup: model.topkGroup, routedScalingFactor: model.routedScalingFactor, ropeTheta: model.ropeTheta,
            ropeScaling: RotaryFrequencies.Scaling(model.ropeScaling),
            maxPositionEmbeddings: model.maxPositionEmbeddings > 0
                ? model.maxPositionEmbeddings : recipe.training.seqLen,
            rmsNormEps: model.rmsNormEps, numNextnPredictLayers: model.numNextnPredictLayers,
            mtpLossScalingFactor: model.mtpLossScalingFactor, auxLossAlpha: model.auxLossAlpha,
            moeRouterBiasUpdateRate: model.moeRouterBiasUpdateRate, initializerRange: model.initializerRange,
            dtype: ElementType(model.dtype))
        recomputation = Recomputation(recipe.activationCheckpoint.mode)
    }
}

extension RotaryFrequencies.Scaling {
    /// The stretch that a recipe asks for; nil for none.
    fileprivate init?(_ scaling: Recipe.RopeScaling) {
        guard scaling.type == .yarn else { return nil }
        self.init(
            originalMaxPositionEmbeddings: scaling.originalMaxPositionEmbeddings, factor: scaling.factor,
            betaFast: scaling.betaFast, betaSlow: scaling.betaSlow, mscale: scaling.mscaleAllDim)
    }
}

extension ElementType {
    fileprivate init(_ type: Recipe.DataType) {
        switch type {
        case .float32: self = .float32
        case .float64: self = .float64
        case .bfloat16: self = .bfloat16
        }
    }
}

extension DeepSeekV3Configuration.Recomputation {
    fileprivate init(_ mode: Recipe.ActivationCheckpointSection.Mode) {
        switch mode {
        case .none: self = .none
        case .selective: self = .selective
        case .full: self = .full
        }
    }
}
