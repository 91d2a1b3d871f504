import LibTorch

/// One layer: latent attention, then a dense network or shared and routed experts, as segments.
struct TransformerLayer {
    private let configuration: DeepSeekV3Configuration
    private let prefix: String
    private let parameters: ParameterSet
    private let rotary: RotaryTable
    private let isDense: Bool

    static func parameters(
        _ c: DeepSeekV3Configuration, prefix: String, isDense: Bool
    ) -> [ParameterSpecification] {
        let norm = ParameterSpecification(prefix + "ffn_norm", [c.hiddenSize], start: .constant(1), decays: false)
        let attention = LatentAttention.parameters(c, prefix: prefix) + [norm]
        if isDense { return attention + FeedForward.parameters(c, prefix: prefix, inner: c.intermediateSize) }
        let shared = FeedForward.parameters(
            c, prefix: prefix + "shared.", inner: c.nSharedExperts * c.moeIntermediateSize)
        let routed = ExpertLayer.parameters(
            prefix: prefix, width: c.hiddenSize, innerWidth: c.moeIntermediateSize, count: c.nRoutedExperts,
            start: .normal(deviation: c.initializerRange))
        return attention + ExpertGate.parameters(c, prefix: prefix) + routed
            + (c.nSharedExperts > 0 ? shared : [])
    }

    init(
        _ configuration: DeepSeekV3Configuration, prefix: String, isDense: Bool, parameters: ParameterSet,
        rotary: RotaryTable
    ) {
        self.configuration = configuration
        self.prefix = prefix
        self.isDense = isDense
        self.parameters = parameters
        self.rotary = rotary
    }

    /// Adds the layer to `graph`, from the residual stream `x` [B, S, D] to the next.
    func append(to graph: inout SegmentGraph, _ x: SegmentValue) -> SegmentValue {
        isDense ? appendDense(to: &graph, x) : appendExperts(to: &graph, x)
    }

    private func appendDense(to graph: inout SegmentGraph, _ x: SegmentValue) -> SegmentValue {
        let attention = LatentAttention(configuration, prefix: prefix, parameters: parameters, rotary: rotary)
        let norm = parameters[prefix + "ffn_norm"]
        let network = FeedForward(prefix: prefix, parameters: parameters)
        let epsilon = configuration.rmsNormEps
        return graph.compute("dense layer", [x], isRecomputed: configuration.recomputation == .full) {
            inputs, context in
            let x_BSD = try attention(inputs[0], context.weights)
            let h_BSD = try x_BSD.rmsNormalized(norm, epsilon: epsilon)
            return [try x_BSD.adding(network(h_BSD, context.weights))]
        }[0]
    }

    private func appendExperts(to graph: inout SegmentGraph, _ x: SegmentValue) -> SegmentValue {
        let routed = appendAttentionAndGate(to: &graph, x)
        let gathered = graph.exchange("counts", .counts, [routed.counts])
        let dispatched = graph.exchange("dispatch", .dispatch, [routed.rows, gathered])

        var shared: SegmentValue?
        if configuration.nSharedExperts > 0 {
            let network = FeedForward(prefix: prefix + "shared.", parameters: parameters)
            shared =
                graph.compute(
                    "shared experts", [routed.normalized], isRecomputed: configuration.recomputation != .none
                ) { inputs, context in
                    [try network(inputs[0], context.weights)]
                }[0]
        }
        let experts = ExpertLayer(prefix: prefix, parameters: parameters, count: configuration.nRoutedExperts)
        let computed = graph.compute(
            "experts", [dispatched, gathered], isRecomputed: configuration.recomputation != .none
        ) { inputs, context in
            [try experts(inputs[0], gathered_RE: inputs[1], context.weights)]
        }[0]
        let combined = graph.exchange("combine", .combine, [computed, gathered])

        let inputs = [routed.residual, combined, routed.weights, routed.places] + (shared.map { [$0] } ?? [])
        return graph.compute("merge", inputs) { inputs, _ in
            let x_BSD = inputs[0]
            let routed_TD = try RoutedRows.merge(inputs[1], weights_TK: inputs[2], places: inputs[3])
            let sum = try x_BSD.adding(routed_TD.reshaped(x_BSD.shape))
            return [inputs.count > 4 ? try sum.adding(inputs[4]) : sum]
        }[0]
    }

    /// What the gate hands on.
    private struct Routed {
        let residual, normalized, rows, weights, places, counts: SegmentValue
    }

    private func appendAttentionAndGate(to graph: inout SegmentGraph, _ x: SegmentValue) -> Routed {
        let c = configuration
        let attention = LatentAttention(c, prefix: prefix, parameters: parameters, rotary: rotary)
        let norm = parameters[prefix + "ffn_norm"]
        let gate = ExpertGate(c, prefix: prefix, parameters: parameters)
        let values = graph.compute("attention", [x], outputCount: 7, isRecomputed: c.recomputation == .full) {
            inputs, context in
            let x_BSD = try attention(inputs[0], context.weights)
            let h_BSD = try x_BSD.rmsNormalized(norm, epsilon: c.rmsNormEps)
            let h_TD = try h_BSD.reshaped([-1, c.hiddenSize])
            let choice = try gate(h_TD, context.weights)
            let routed = try RoutedRows(h_TD, experts: choice.experts_TK, of: c.nRoutedExperts)
            let balance = try gate.balanceLoss(choice, sequences: x_BSD.shape[0])
                .times(c.auxLossAlpha / context.batchCounts[DeepSeekV3Model.sequenceCount])
            return [
                x_BSD, h_BSD, routed.rows, choice.weights_TK, routed.places, routed.counts_E, balance,
            ]
        }
        graph.observe(prefix + "load", values[5])
        graph.addLoss("balance", values[6])
        return Routed(
            residual: values[0], normalized: values[1], rows: values[2], weights: values[3], places: values[4],
            counts: values[5])
    }
}
