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

    static func parameters(_ c: DeepSeekV3Configuration, layer: Int) -> [ParameterSpecification] {
        let prefix = "layers.\(layer)."
        let norm = ParameterSpecification(prefix + "ffn_norm", [c.hiddenSize], start: .constant(1), decays: false)
        let attention = LatentAttention.parameters(c, prefix: prefix) + [norm]
        if layer < c.firstKDenseReplace {
            return attention + FeedForward.parameters(c, prefix: prefix, inner: c.intermediateSize)
        }
        let shared = FeedForward.parameters(
            c, prefix: prefix + "shared.", inner: c.nSharedExperts * c.moeIntermediateSize)
        let routed = ExpertLayer.parameters(
            prefix: prefix, width: c.hiddenSize, innerWidth: c.moeIntermediateSize, count: c.nRoutedExperts,
            layer: layer - c.firstKDenseReplace, start: .normal(deviation: c.initializerRange))
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
                ExpertLayer(
                    prefix: prefix, parameters: parameters, count: c.nRoutedExperts, layer: layer - c.firstKDenseReplace
                ),
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
        let attended = appendAttention(gate, experts, to: &graph, x, recomputing: mode)
        let gathered = graph.exchange("counts", .counts, [attended.counts])
        let routed = attended.routed ?? appendPermutation(experts, to: &graph, attended, gathered, recomputing: mode)
        let dispatched = graph.exchange("dispatch", .dispatch, [routed.rows, gathered])
        let weights = graph.exchange("dispatch of weights", .dispatch, [routed.weights, gathered])
        let fetched = routed.sentWeights.map { graph.exchange("fetch", .fetch, [$0, gathered]) }
        // A norm that is recomputed belongs to the segment that reads it.
        let isNormalized = mode != .selective
        let shared = sharedExperts.map { network in
            let input = isNormalized ? attended.normalized : attended.residual
            return graph.compute("shared experts", [input], isRecomputed: mode == .full) { [self] inputs, context in
                let h_BSD = isNormalized ? inputs[0] : try normalized(inputs[0], context, mode)
                return [try network(h_BSD, context.weights)]
            }[0]
        }
        let arrived = [dispatched, weights] + (fetched.map { [$0] } ?? [])
        let computed = graph.compute("experts", arrived + [gathered], isRecomputed: mode == .full) { inputs, context in
            [
                try experts(
                    inputs[0], weights: inputs[1], fetched: inputs.count > 3 ? inputs[2] : nil,
                    counts: context.gatheredCounts, context.weights)
            ]
        }[0]
        let combined = graph.exchange("combine", .combine, [computed, gathered])
        let inputs = [attended.residual, combined, routed.places] + (shared.map { [$0] } ?? [])
        return graph.compute("merge", inputs) { inputs, _ in
            let x_BSD = inputs[0]
            let routed_TD = try RoutedRows.merge(inputs[1], places: inputs[2])
            let sum = try x_BSD.adding(routed_TD.reshaped(x_BSD.shape))
            return [inputs.count > 3 ? try sum.adding(inputs[3]) : sum]
        }[0]
    }

    /// The outputs of the attention segment that later segments read.
    private struct Attended {
        let residual, normalized, counts: SegmentValue
        /// The rows, if they are sent in the order of their experts.
        let routed: Routed?
        /// The order of the choices, their places and their weights, if the rows are assigned to slots before they are
        /// sent.
        let choices: [SegmentValue]
    }

    /// The rows that are sent to experts, the weights of the rows and their places.
    private struct Routed {
        let rows, weights, places: SegmentValue
        /// The weights of experts that are sent to other ranks; nil if the layer fetches no replicas.
        let sentWeights: SegmentValue?

        init(_ values: some Collection<SegmentValue>) {
            let values = Array(values)
            (rows, weights, places) = (values[0], values[1], values[2])
            sentWeights = values.count > 3 ? values[3] : nil
        }
    }

    private func appendAttention(
        _ gate: ExpertGate, _ experts: ExpertLayer, to graph: inout SegmentGraph, _ x: SegmentValue,
        recomputing mode: Recipe.ActivationCheckpointSection.Mode
    ) -> Attended {
        let values = graph.compute("attention", [x], outputCount: 7, isRecomputed: mode == .full) {
            [self, c = configuration] inputs, context in
            let x_BSD = try attention(inputs[0], context, isRecomputed: mode == .selective)
            let h_BSD = try normalized(x_BSD, context, mode)
            let h_TD = try h_BSD.reshaped([-1, c.hiddenSize])
            let choice = try gate(h_TD, context.weights)
            let balance = try gate.balanceLoss(choice, sequences: x_BSD.shape[0])
                .times(c.auxLossAlpha / context.batchCounts[DeepSeekV3Model.sequenceCount])
            let choices = try ExpertChoices(choice.experts_TK, of: c.nRoutedExperts)
            let common = [x_BSD, h_BSD, choices.counts_E, balance]
            if experts.assignsRows { return common + [choices.order, choice.weights_TK, choices.places_TK] }
            let routed = try RoutedRows(h_TD, choices)
            return common + [routed.rows, try routed.weights(choice.weights_TK), routed.places]
        }
        graph.observe(prefix + "load", values[2])
        graph.addLoss("balance", values[3])
        return Attended(
            residual: values[0], normalized: values[1], counts: values[2],
            routed: experts.assignsRows ? nil : Routed(values[4...]), choices: Array(values[4...]))
    }

    /// Adds the segment that assigns rows to slots once the counts of all ranks are known, and gathers the rows, and the
    /// weights that other ranks fetch, in the order of the slots.
    private func appendPermutation(
        _ experts: ExpertLayer, to graph: inout SegmentGraph, _ attended: Attended, _ gathered: SegmentValue,
        recomputing mode: Recipe.ActivationCheckpointSection.Mode
    ) -> Routed {
        let isNormalized = mode != .selective
        let input = isNormalized ? attended.normalized : attended.residual
        return Routed(
            graph.compute(
                "permute", [input] + attended.choices + [gathered], outputCount: experts.fetchesReplicas ? 4 : 3,
                isRecomputed: mode == .full
            ) { [self, c = configuration] inputs, context in
                let h_BSD = isNormalized ? inputs[0] : try normalized(inputs[0], context, mode)
                let choices = ExpertChoices(
                    order: inputs[1], places_TK: inputs[3], counts_E: context.gatheredCounts.tensor_RE)
                let routed = try experts.rows(
                    h_BSD.reshaped([-1, c.hiddenSize]), choices: choices, counts: context.gatheredCounts)
                let sent = experts.fetchesReplicas ? [try experts.sentWeights(context.gatheredCounts)] : []
                return [routed.rows, try routed.weights(inputs[2]), routed.places] + sent
            })
    }
}
