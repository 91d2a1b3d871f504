package import LibTorch
import TrainingRecipes

/// Multi-head latent attention: low-rank projections of queries, keys and values, and one rotary key for all heads.
///
/// Source: DeepSeek-V2 report, 2024.
package struct LatentAttention {
    let configuration: DeepSeekV3Configuration
    let rotary: RotaryTable
    let norm, queryDown, queryNorm, queryUp, keyValueDown, keyValueNorm, keyValueUp, output: Tensor

    package static func parameters(_ c: DeepSeekV3Configuration, prefix: String) -> [ParameterSpecification] {
        let normal = ParameterSpecification.Start.normal(deviation: c.initializerRange)
        func norm(_ name: String, _ width: Int) -> ParameterSpecification {
            ParameterSpecification(prefix + name, [width], start: .constant(1), decays: false)
        }
        func weight(_ name: String, _ output: Int, _ input: Int) -> ParameterSpecification {
            ParameterSpecification(prefix + name, [output, input], start: normal)
        }
        return [
            norm("attn_norm", c.hiddenSize),
            weight("wq_a", c.qLoraRank, c.hiddenSize),
            norm("q_norm", c.qLoraRank),
            weight("wq_b", c.numAttentionHeads * (c.qkNopeHeadDim + c.qkRopeHeadDim), c.qLoraRank),
            weight("wkv_a", c.kvLoraRank + c.qkRopeHeadDim, c.hiddenSize),
            norm("kv_norm", c.kvLoraRank),
            weight("wkv_b", c.numAttentionHeads * (c.qkNopeHeadDim + c.vHeadDim), c.kvLoraRank),
            weight("wo", c.hiddenSize, c.numAttentionHeads * c.vHeadDim),
        ]
    }

    package init(
        _ configuration: DeepSeekV3Configuration, prefix: String, parameters: ParameterSet, rotary: RotaryTable
    ) {
        self.configuration = configuration
        self.rotary = rotary
        norm = parameters[prefix + "attn_norm"]
        queryDown = parameters[prefix + "wq_a"]
        queryNorm = parameters[prefix + "q_norm"]
        queryUp = parameters[prefix + "wq_b"]
        keyValueDown = parameters[prefix + "wkv_a"]
        keyValueNorm = parameters[prefix + "kv_norm"]
        keyValueUp = parameters[prefix + "wkv_b"]
        output = parameters[prefix + "wo"]
    }

    /// Returns the sum of `x_BSD` and its causal self-attention.
    ///
    /// - Parameter isRecomputed: Whether the backward computes the norms, the up-projections and the heads again.
    package func callAsFunction(_ x_BSD: Tensor, _ context: SegmentContext, isRecomputed: Bool = false) throws -> Tensor
    {
        let c = configuration
        let weights = context.weights
        let rotary = try rotary.rows(0..<x_BSD.shape[1])
        let h_BSD = try context.value(isRecomputed: isRecomputed) { [norm] in
            try x_BSD.rmsNormalized(norm, epsilon: c.rmsNormEps)
        }
        let queries_BSc = try h_BSD.linear(queryDown, weights)
        let compressed_BSc = try h_BSD.linear(keyValueDown, weights)
        let values = try context.values(isRecomputed: isRecomputed) {
            try heads(queries_BSc: queries_BSc, compressed_BSc: compressed_BSc, rotary, weights)
        }
        let mixed_BSD = try Tensor.latentAttention(
            Array(values.suffix(3)), valueWidth: c.vHeadDim, type: c.elementType, scale: c.attentionScale)
        return try x_BSD.adding(mixed_BSD.linear(output, weights))
    }

    /// Returns the inputs of the up-projections, then the queries, keys and values of all heads.
    private func heads(
        queries_BSc: Tensor, compressed_BSc: Tensor, _ rotary: (cosines: Tensor, sines: Tensor),
        _ weights: WeightGradients
    ) throws -> [Tensor] {
        let c = configuration
        let (batch, length) = (queries_BSc.shape[0], queries_BSc.shape[1])
        func perHead(_ tensor: Tensor) throws -> Tensor {
            try tensor.reshaped([batch, length, c.numAttentionHeads, -1])
        }
        let q_BSc = try queries_BSc.rmsNormalized(queryNorm, epsilon: c.rmsNormEps)
        let kv_BSc = try compressed_BSc.narrowed(2, 0..<c.kvLoraRank)
            .rmsNormalized(keyValueNorm, epsilon: c.rmsNormEps)
        let rotaryKey_BSr = try compressed_BSc.narrowed(2, c.kvLoraRank..<c.kvLoraRank + c.qkRopeHeadDim)
        let heads = try perHead(q_BSc.linear(queryUp, weights)).latentHeads(
            keysAndValues: perHead(kv_BSc.linear(keyValueUp, weights)), rotaryKeys: rotaryKey_BSr, rotary: rotary)
        return [q_BSc, kv_BSc] + heads
    }
}
