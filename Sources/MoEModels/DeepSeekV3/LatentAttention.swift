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
    package func callAsFunction(_ x_BSD: Tensor, _ weights: WeightGradients) throws -> Tensor {
        let c = configuration
        let (batch, length) = (x_BSD.shape[0], x_BSD.shape[1])
        let (cosines, sines) = try rotary.rows(0..<length)
        let h_BSD = try x_BSD.rmsNormalized(norm, epsilon: c.rmsNormEps)

        let q_BSHq = try h_BSD.linear(queryDown, weights).rmsNormalized(queryNorm, epsilon: c.rmsNormEps)
            .linear(queryUp, weights).reshaped([batch, length, c.numAttentionHeads, -1])
        let compressed_BSc = try h_BSD.linear(keyValueDown, weights)
        let kv_BSHn = try compressed_BSc.narrowed(2, 0..<c.kvLoraRank)
            .rmsNormalized(keyValueNorm, epsilon: c.rmsNormEps)
            .linear(keyValueUp, weights).reshaped([batch, length, c.numAttentionHeads, -1])
        let rotaryKey_BSr = try compressed_BSc.narrowed(2, c.kvLoraRank..<c.kvLoraRank + c.qkRopeHeadDim)
        let mixed_BSD = try q_BSHq.latentAttention(
            keysAndValues: kv_BSHn, rotaryKeys: rotaryKey_BSr, cosines: cosines, sines: sines, scale: c.attentionScale
        ).linear(output, weights)
        return try x_BSD.adding(mixed_BSD)
    }
}
