import Foundation
package import LibTorch
public import TrainingRecipes

/// The sizes of a DeepSeek-V3-style model: the model section of a recipe, with the names of Hugging Face's
/// configuration.
///
/// Source: DeepSeek-V3 technical report, 2024, and its published configuration.
public typealias DeepSeekV3Configuration = Recipe.ModelSection

extension DeepSeekV3Configuration {
    /// The type of parameters and activations. `auto`, which a recipe resolves, is float32 here.
    package var elementType: ElementType {
        switch dtype {
        case .float32, .auto: .float32
        case .float64: .float64
        case .bfloat16: .bfloat16
        }
    }

    /// The factor of the attention scores: the head's width to the power -1/2, corrected if YaRN is used.
    var attentionScale: Double {
        let plain = pow(Double(qkNopeHeadDim + qkRopeHeadDim), -0.5)
        guard ropeScaling.type == .yarn else { return plain }
        let correction = 0.1 * ropeScaling.mscaleAllDim * log(ropeScaling.factor) + 1
        return plain * correction * correction
    }
}
