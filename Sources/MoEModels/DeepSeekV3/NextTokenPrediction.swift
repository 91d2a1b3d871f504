import LibTorch

/// Multi-token prediction of depth 1: the residual stream and the embedding of the next token, joined, through one more
/// layer and the shared head, predict the token after the next.
///
/// Source: DeepSeek-V3 report, 2024.
struct NextTokenPrediction {
    private let configuration: DeepSeekV3Configuration
    private let prefix: String
    private let parameters: ParameterSet
    private let rotary: RotaryTable

    static func parameters(_ c: DeepSeekV3Configuration, prefix: String) -> [ParameterSpecification] {
        func norm(_ name: String) -> ParameterSpecification {
            ParameterSpecification(prefix + name, [c.hiddenSize], start: .constant(1), decays: false)
        }
        let join = ParameterSpecification(
            prefix + "eh_proj", [c.hiddenSize, 2 * c.hiddenSize], start: .normal(deviation: c.initializerRange))
        return [norm("enorm"), norm("hnorm"), join, norm("mtp_norm")]
            + TransformerLayer.parameters(c, prefix: prefix, isDense: c.numHiddenLayers < c.firstKDenseReplace)
    }

    init(
        _ configuration: DeepSeekV3Configuration, prefix: String, parameters: ParameterSet, rotary: RotaryTable
    ) {
        self.configuration = configuration
        self.prefix = prefix
        self.parameters = parameters
        self.rotary = rotary
    }

    /// Adds the prediction from the residual stream `x` before the final norm.
    func append(to graph: inout SegmentGraph, _ x: SegmentValue) {
        let c = configuration
        let (table, embeddingNorm) = (parameters["embed"], parameters[prefix + "enorm"])
        let (streamNorm, join) = (parameters[prefix + "hnorm"], parameters[prefix + "eh_proj"])
        let joined = graph.compute("join", [x, graph.data[1]]) { inputs, context in
            let next = try table.embedding(of: inputs[1]).rmsNormalized(embeddingNorm, epsilon: c.rmsNormEps)
            let stream = try inputs[0].rmsNormalized(streamNorm, epsilon: c.rmsNormEps)
            return [try Tensor.concatenated([next, stream], along: 2).linear(join, context.weights)]
        }[0]
        let layer = TransformerLayer(
            c, prefix: prefix, isDense: c.numHiddenLayers < c.firstKDenseReplace, parameters: parameters, rotary: rotary
        )
        let predicted = layer.append(to: &graph, joined)
        let head = OutputHead(
            norm: parameters[prefix + "mtp_norm"], weight: parameters["head"], epsilon: c.rmsNormEps)
        let loss = graph.compute("second head", [predicted, graph.data[3]]) { inputs, context in
            let sum = try head.loss(inputs[0], targets: inputs[1], context.weights)
            return [try sum.times(c.mtpLossScalingFactor / context.batchCounts[DeepSeekV3Model.predictionTargetCount])]
        }[0]
        graph.addLoss("second token loss", loss)
    }
}
