public import LibTorch
public import TrainingRecipes

/// Computes next-token scores of one sequence incrementally, with a cache of the attention's latents.
public final class DeepSeekV3Decoder {
    private let configuration: DeepSeekV3Configuration
    private let table: Tensor
    private let layers: [TransformerLayer]
    private let head: OutputHead
    private var caches: [LatentCache]
    private let weights: WeightGradients
    private var position = 0

    /// Creates a decoder of a model. `parameters` must hold all parameters of the model. The decoder has room for
    /// `maxPositionEmbeddings` tokens, which must be greater than 0.
    public init(_ configuration: DeepSeekV3Configuration, parameters: ParameterSet) throws {
        self.configuration = configuration
        table = parameters["embed"]
        let rotary = try RotaryTable(configuration, length: configuration.maxPositionEmbeddings)
        layers = (0..<configuration.numHiddenLayers).map {
            TransformerLayer(configuration, layer: $0, parameters: parameters, rotary: rotary)
        }
        head = OutputHead(norm: parameters["norm"], weight: parameters["head"], epsilon: configuration.rmsNormEps)
        caches = Array(repeating: LatentCache(), count: configuration.numHiddenLayers)
        weights = try WeightGradients()
    }

    /// The number of tokens that still fit into the model's maximum sequence length.
    public var room: Int { configuration.maxPositionEmbeddings - position }

    /// The next-token scores after each of `tokens`, which continue the sequence so far: [tokens, vocabulary].
    ///
    /// - Precondition: `tokens` has at least one and at most ``room`` tokens.
    public func logits(after tokens: [Int]) throws -> Tensor {
        precondition(
            !tokens.isEmpty && tokens.count <= room,
            "\(tokens.count) tokens given, but the sequence has room for 1 to \(room)")
        return try LibTorchRuntime.withoutGradients {
            var x_SD = try table.embedding(of: Tensor(tokens, shape: [tokens.count]))
            let positions = position..<position + tokens.count
            for (index, layer) in layers.enumerated() {
                x_SD = try layer(x_SD, positions: positions, cache: &caches[index], weights)
            }
            position += tokens.count
            return try head.logits(x_SD, weights)
        }
    }
}

extension TransformerLayer {
    /// Applies the layer to the tokens at `positions` and adds them to the cache.
    fileprivate func callAsFunction(
        _ input_SD: Tensor, positions: Range<Int>, cache: inout LatentCache, _ weights: WeightGradients
    ) throws -> Tensor {
        let x_SD = try attention(input_SD, positions: positions, cache: &cache, weights)
        let h_SD = try x_SD.rmsNormalized(norm, epsilon: configuration.rmsNormEps)
        switch network {
        case .dense(let network): return try x_SD.adding(network(h_SD, weights))
        case .experts(let gate, let experts, let shared):
            let choice = try gate(h_SD, weights)
            let routed = try RoutedRows(h_SD, experts: choice.experts_TK, of: configuration.nRoutedExperts)
            let counts = GatheredCounts(try routed.counts_E.reshaped([1, -1]))
            let factors_T1 = try routed.weights(choice.weights_TK)
            let computed = try experts(routed.rows, weights: factors_T1, counts: counts, weights)
            let sum = try x_SD.adding(RoutedRows.merge(computed, places: routed.places))
            return try shared.map { try sum.adding($0(h_SD, weights)) } ?? sum
        }
    }
}
