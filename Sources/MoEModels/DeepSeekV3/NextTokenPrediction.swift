import LibTorch
import TrainingRecipes

/// Multi-token prediction (MTP) of depth 1, which predicts the token after the next. The residual stream and the
/// embedding of the next token are concatenated, projected, and passed through one more layer and the shared head.
///
/// Source: DeepSeek-V3 report, 2024.
struct NextTokenPrediction {
    private let configuration: DeepSeekV3Configuration
    private let table, embeddingNorm, streamNorm, join: Tensor
    private let layer: TransformerLayer
    private let head: OutputHead

    static func parameters(_ c: DeepSeekV3Configuration) -> [ParameterSpecification] {
        let prefix = "layers.\(c.numHiddenLayers)."
        func norm(_ name: String) -> ParameterSpecification {
            ParameterSpecification(prefix + name, [c.hiddenSize], start: .constant(1), decays: false)
        }
        let join = ParameterSpecification(
            prefix + "eh_proj", [c.hiddenSize, 2 * c.hiddenSize], start: .normal(deviation: c.initializerRange))
        return [norm("enorm"), norm("hnorm"), join, norm("mtp_norm")]
            + TransformerLayer.parameters(c, layer: c.numHiddenLayers)
    }

    init(_ c: DeepSeekV3Configuration, parameters: ParameterSet, rotary: RotaryTable) {
        let prefix = "layers.\(c.numHiddenLayers)."
        configuration = c
        (table, embeddingNorm) = (parameters["embed"], parameters[prefix + "enorm"])
        (streamNorm, join) = (parameters[prefix + "hnorm"], parameters[prefix + "eh_proj"])
        layer = TransformerLayer(c, layer: c.numHiddenLayers, parameters: parameters, rotary: rotary)
        head = OutputHead(norm: parameters[prefix + "mtp_norm"], weight: parameters["head"], epsilon: c.rmsNormEps)
    }

    /// Adds the segments of the prediction from the residual stream `x` before the final norm.
    func append(
        to graph: inout SegmentGraph, _ x: SegmentValue, recomputing mode: Recipe.ActivationCheckpointSection.Mode
    ) {
        let c = configuration
        let isRecomputed = mode == .selective
        let joined = graph.compute("join", [x, graph.data[1]]) { [self] inputs, context in
            let values = try context.values(isRecomputed: isRecomputed) {
                let next_BSD = try table.embedding(of: inputs[1])
                let next = try next_BSD.rmsNormalized(embeddingNorm, epsilon: c.rmsNormEps)
                let stream = try inputs[0].rmsNormalized(streamNorm, epsilon: c.rmsNormEps)
                return [next_BSD, try Tensor.concatenated([next, stream], along: 2)]
            }
            return [try values[1].linear(join, context.weights)]
        }[0]
        let predicted = layer.append(to: &graph, joined, recomputing: mode)
        let loss = graph.compute("second head", [predicted, graph.data[3]]) { [head] inputs, context in
            let sum = try head.loss(inputs[0], targets: inputs[1], context, isRecomputed: isRecomputed)
            return [try sum.times(c.mtpLossScalingFactor / context.batchCounts[DeepSeekV3Model.predictionTargetCount])]
        }[0]
        graph.addLoss("mtp loss", loss)
    }
}
