import LibTorch
import TrainingRecipes

/// A SwiGLU network: the feed-forward part of a dense layer, or the shared experts of a layer.
struct FeedForward {
    private let up, down: Tensor

    static func parameters(_ c: DeepSeekV3Configuration, prefix: String, inner: Int) -> [ParameterSpecification] {
        let normal = ParameterSpecification.Start.normal(deviation: c.initializerRange)
        return [
            ParameterSpecification(prefix + "up", [2 * inner, c.hiddenSize], start: normal),
            ParameterSpecification(prefix + "down", [c.hiddenSize, inner], start: normal),
        ]
    }

    init(prefix: String, parameters: ParameterSet) {
        up = parameters[prefix + "up"]
        down = parameters[prefix + "down"]
    }

    func callAsFunction(_ x: Tensor, _ weights: WeightGradients) throws -> Tensor {
        try x.reshaped([-1, down.shape[0]]).swiGLU(up: up, down: down, weights).reshaped(x.shape)
    }
}
