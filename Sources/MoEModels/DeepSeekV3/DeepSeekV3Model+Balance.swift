import LibTorch
import TrainingRecipes

extension DeepSeekV3Model {
    /// The parameter prefixes of the layers with routed experts, including the layer of multi-token prediction.
    private var expertLayerPrefixes: [String] {
        let c = configuration
        let layers = c.firstKDenseReplace..<max(c.numHiddenLayers + c.numNextnPredictLayers, c.firstKDenseReplace)
        return layers.map { "layers.\($0)." }
    }

    /// The losses and, for each layer with routed experts, the number of tokens that chose each expert.
    public var observations: [(name: String, count: Int)] {
        [("loss", 1), ("balance", 1)] + (configuration.numNextnPredictLayers > 0 ? [("mtp loss", 1)] : [])
            + expertLayerPrefixes.map { ($0 + "load", configuration.nRoutedExperts) }
    }

    /// The mean, over the layers with routed experts, of the mean expert load divided by the largest: 0 to 1. 1 if no
    /// token is routed, nil if no layer has routed experts.
    package func expertBalance(_ observations: [String: [Double]]) -> Double? {
        let balances = expertLayerPrefixes.sorted().compactMap { observations[$0 + "load"] }.map { load in
            let largest = load.max() ?? 0
            return largest > 0 ? load.reduce(0, +) / Double(load.count) / largest : 1
        }
        return balances.isEmpty ? nil : balances.reduce(0, +) / Double(balances.count)
    }

    /// Updates the gate's biases against the load c, with the update rate u: b += u · sign(mean(c) - c).
    public func adjust(_ parameters: ParameterSet, observations: [String: [Double]]) throws {
        for prefix in expertLayerPrefixes where parameters.contains(prefix + "bias") {
            guard let load = observations[prefix + "load"] else { continue }
            let mean = load.reduce(0, +) / Double(load.count)
            let bias = parameters[prefix + "bias"]
            let change = try Tensor(load.map { mean - $0 }, shape: [load.count]).sign().converted(to: bias.type)
            try bias.add(change, scaledBy: configuration.moeRouterBiasUpdateRate)
        }
    }
}
