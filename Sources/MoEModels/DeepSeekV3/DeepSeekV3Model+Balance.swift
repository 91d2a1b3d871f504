import LibTorch

extension DeepSeekV3Model {
    /// The names of the layers that have routed experts, that of multi-token prediction included.
    private var expertLayerPrefixes: [String] {
        (configuration
            .denseLayers..<max(configuration.layers + configuration.predictionDepth, configuration.denseLayers))
            .map { "layers.\($0)." }
    }

    /// The losses and, for each layer with routed experts, how many tokens chose each expert.
    public var observations: [(name: String, count: Int)] {
        [("loss", 1), ("balance", 1)] + (configuration.predictionDepth > 0 ? [("second token loss", 1)] : [])
            + expertLayerPrefixes.map { ($0 + "load", configuration.experts) }
    }

    /// Moves the gate's biases against the load: b += u · sign(mean(c) - c), without a gradient.
    public func adjust(_ parameters: ParameterSet, observations: [String: [Double]]) throws {
        for prefix in expertLayerPrefixes where parameters.contains(prefix + "bias") {
            guard let load = observations[prefix + "load"] else { continue }
            let mean = load.reduce(0, +) / Double(load.count)
            let change = try Tensor(load.map { mean - $0 }, shape: [load.count]).sign()
                .converted(to: configuration.elementType)
            try parameters[prefix + "bias"].add(change, scaledBy: configuration.biasRate)
        }
    }
}
