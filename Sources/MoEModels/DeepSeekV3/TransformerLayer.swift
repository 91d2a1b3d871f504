import LibTorch
import TrainingRecipes

/// One transformer layer as segments: latent attention, then a dense network or shared and routed experts.
struct TransformerLayer {
    /// The feed-forward part of the layer.
    enum Network {
        case dense(FeedForward)
        case experts(ExpertGate, ExpertLayer, shared: FeedForward?)
    }

    let configuration: DeepSeekV3Configuration
    let attention: LatentAttention
    let norm: Tensor
    let network: Network
    private let prefix: String

    static func parameters(_ c: DeepSeekV3Configuration, prefix: String, isDense: Bool) -> [ParameterSpecification] {
        let norm = ParameterSpecification(prefix + "ffn_norm", [c.hiddenSize], start: .constant(1), decays: false)
        let attention = LatentAttention.parameters(c, prefix: prefix) + [norm]
        if isDense { return attention + FeedForward.parameters(c, prefix: prefix, inner: c.intermediateSize) }
        let shared = FeedForward.parameters(
            c, prefix: prefix + "shared.", inner: c.nSharedExperts * c.moeIntermediateSize)
        let routed = ExpertLayer.parameters(
            prefix: prefix, width: c.hiddenSize, innerWidth: c.moeIntermediateSize, count: c.nRoutedExperts,
            start: .normal(deviation: c.initializerRange))
        return attention + ExpertGate.parameters(c, prefix: prefix) + routed + (c.nSharedExperts > 0 ? shared : [])
    }

    init(_ c: DeepSeekV3Configuration, layer: Int, parameters: ParameterSet, rotary: RotaryTable) {
        configuration = c
        prefix = "layers.\(layer)."
        attention = LatentAttention(c, prefix: prefix, parameters: parameters, rotary: rotary)
        norm = parameters[prefix + "ffn_norm"]
        if layer < c.firstKDenseReplace {
            network = .dense(FeedForward(prefix: prefix, parameters: parameters))
        } else {
            network = .experts(
                ExpertGate(c, prefix: prefix, parameters: parameters),
                ExpertLayer(prefix: prefix, parameters: parameters, count: c.nRoutedExperts),
                shared: c.nSharedExperts > 0 ? FeedForward(prefix: prefix + "shared.", parameters: parameters) : nil)
        }
    }

    /// Adds the segments of the layer to `graph`. Reads the residual stream `x` [B, S, D] and returns the next one.
    func append(
        to graph: inout SegmentGraph, _ x: SegmentValue, recomputing mode: Recipe.ActivationCheckpointSection.Mode
    ) -> SegmentValue {
        switch network {
        case .dense(let network):
            graph.compute("dense layer", [x], isRecomputed: mode == .full) { [self] inputs, context in
                let x_BSD = try attention(inputs[0], context, isRecomputed: mode == .selective)
                let h_BSD = try normalized(x_BSD, context, mode)
                return [try x_BSD.adding(network(h_BSD, context.weights))]
            }[0]
        case .experts(let gate, let experts, let shared):
            append(gate, experts, shared, to: &graph, x, recomputing: mode)
        }
    }

    /// Returns the norm of the residual stream between attention and the network.
    private func normalized(
        _ x_BSD: Tensor, _ context: SegmentContext, _ mode: Recipe.ActivationCheckpointSection.Mode
    ) throws -> Tensor {
        try context.value(isRecomputed: mode == .selective) { [norm, epsilon = configuration.rmsNormEps] in
            try x_BSD.rmsNormalized(norm, epsilon: epsilon)
        }
    }

    private func append(
        _ gate: ExpertGate, _ experts: ExpertLayer, _ sharedExperts: FeedForward?, to graph: inout SegmentGraph,
        _ x: SegmentValue, recomputing mode: Recipe.ActivationCheckpointSection.Mode
    ) -> SegmentValue {
        let routed = appendAttention(gate, to: &graph, x, recomputing: mode)
        let gathered = graph.exchange("counts", .counts, [routed.counts])
        let dispatched = graph.exchange("dispatch", .dispatch, [routed.rows, gathered])
        let weights = graph.exchange("dispatch of weights", .dispatch, [routed.weights, gathered])
        // A norm that is recomputed belongs to the segment that reads it.
        let isNormalized = mode != .selective
        let shared = sharedExperts.map { network in
            let input = isNormalized ? routed.normalized : routed.residual
            return graph.compute("shared experts", [input], isRecomputed: mode == .full) { [self] inputs, context in
                let h_BSD = isNormalized ? inputs[0] : try normalized(inputs[0], context, mode)
                return [try network(h_BSD, context.weights)]
            }[0]
        }
        let computed = graph.compute("experts", [dispatched, weights, gathered], isRecomputed: mode == .full) {
            inputs, context in
            [try experts(inputs[0], weights: inputs[1], counts: context.gatheredCounts, context.weights)]
        }[0]
        let combined = graph.exchange("combine", .combine, [computed, gathered])
        let inputs = [routed.residual, combined, routed.places] + (shared.map { [$0] } ?? [])
        return graph.compute("merge", inputs) { inputs, _ in
            let x_BSD = inputs[0]
            let routed_TD = try RoutedRows.merge(inputs[1], places: inputs[2])
            let sum = try x_BSD.adding(routed_TD.reshaped(x_BSD.shape))
            return [inputs.count > 3 ? try sum.adding(inputs[3]) : sum]
        }[0]
    }

    /// The outputs of the attention segment that later segments read.
    private struct Routed {
        let residual, normalized, rows, weights, places, counts: SegmentValue
    }

    private func appendAttention(
        _ gate: ExpertGate, to graph: inout SegmentGraph, _ x: SegmentValue,
        recomputing mode: Recipe.ActivationCheckpointSection.Mode
    ) -> Routed {
        let values = graph.compute("attention", [x], outputCount: 7, isRecomputed: mode == .full) {
            [self, c = configuration] inputs, context in
            let x_BSD = try attention(inputs[0], context, isRecomputed: mode == .selective)
            let h_BSD = try normalized(x_BSD, context, mode)
            let h_TD = try h_BSD.reshaped([-1, c.hiddenSize])
            let choice = try gate(h_TD, context.weights)
            let routed = try RoutedRows(h_TD, experts: choice.experts_TK, of: c.nRoutedExperts)
            let balance = try gate.balanceLoss(choice, sequences: x_BSD.shape[0])
                .times(c.auxLossAlpha / context.batchCounts[DeepSeekV3Model.sequenceCount])
            let weights_T1 = try routed.weights(choice.weights_TK)
            return [x_BSD, h_BSD, routed.rows, weights_T1, routed.places, routed.counts_E, balance]
        }
        graph.observe(prefix + "load", values[5])
        graph.addLoss("balance", values[6])
        return Routed(
            residual: values[0], normalized: values[1], rows: values[2], weights: values[3], places: values[4],
            counts: values[5])
    }
}
