import Foundation
import LibTorch

/// Multi-head latent attention: queries and keys through low-rank projections, one rotary key for all heads.
///
/// Source: DeepSeek-V2 report, 2024.
struct LatentAttention {
    let configuration: DeepSeekV3Configuration
    let rotary: RotaryTable
    let norm, queryDown, queryNorm, queryUp, keyValueDown, keyValueNorm, keyValueUp, output: Tensor

    static func parameters(_ c: DeepSeekV3Configuration, prefix: String) -> [ParameterSpecification] {
        let normal = ParameterSpecification.Start.normal(deviation: c.startDeviation)
        func norm(_ name: String, _ width: Int) -> ParameterSpecification {
            ParameterSpecification(prefix + name, [width], start: .constant(1), decays: false)
        }
        func weight(_ name: String, _ output: Int, _ input: Int) -> ParameterSpecification {
            ParameterSpecification(prefix + name, [output, input], start: normal)
        }
        return [
            norm("attn_norm", c.width),
            weight("wq_a", c.queryRank, c.width),
            norm("q_norm", c.queryRank),
            weight("wq_b", c.heads * (c.plainHeadWidth + c.rotaryHeadWidth), c.queryRank),
            weight("wkv_a", c.keyValueRank + c.rotaryHeadWidth, c.width),
            norm("kv_norm", c.keyValueRank),
            weight("wkv_b", c.heads * (c.plainHeadWidth + c.valueHeadWidth), c.keyValueRank),
            weight("wo", c.width, c.heads * c.valueHeadWidth),
        ]
    }

    init(_ configuration: DeepSeekV3Configuration, prefix: String, parameters: ParameterSet, rotary: RotaryTable) {
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

    /// `x_BSD` plus the attention over it.
    func callAsFunction(_ x_BSD: Tensor, _ weights: WeightGradients) throws -> Tensor {
        let c = configuration
        let (batch, length) = (x_BSD.shape[0], x_BSD.shape[1])
        let (cosines, sines) = try rotary.rows(0..<length)
        let h_BSD = try x_BSD.rmsNormalized(norm, epsilon: c.normEpsilon)

        let q_BSHq = try h_BSD.linear(queryDown, weights).rmsNormalized(queryNorm, epsilon: c.normEpsilon)
            .linear(queryUp, weights).reshaped([batch, length, c.heads, -1])
        let headWidth = c.plainHeadWidth + c.rotaryHeadWidth
        let rotatedQuery_BSHr = try q_BSHq.narrowed(3, c.plainHeadWidth..<headWidth)
            .rotated(cosines: cosines, sines: sines)

        let compressed_BSc = try h_BSD.linear(keyValueDown, weights)
        let rotatedKey_BS1r = try compressed_BSc.narrowed(2, c.keyValueRank..<c.keyValueRank + c.rotaryHeadWidth)
            .reshaped([batch, length, 1, c.rotaryHeadWidth]).rotated(cosines: cosines, sines: sines)
        let kv_BSHn = try compressed_BSc.narrowed(2, 0..<c.keyValueRank)
            .rmsNormalized(keyValueNorm, epsilon: c.normEpsilon)
            .linear(keyValueUp, weights).reshaped([batch, length, c.heads, -1])

        let query = try Tensor.concatenated([q_BSHq.narrowed(3, 0..<c.plainHeadWidth), rotatedQuery_BSHr], along: 3)
        let key = try Tensor.concatenated(
            [kv_BSHn.narrowed(3, 0..<c.plainHeadWidth), rotatedKey_BS1r.expanded([-1, -1, c.heads, -1])], along: 3)
        let value = try kv_BSHn.narrowed(3, c.plainHeadWidth..<c.plainHeadWidth + c.valueHeadWidth)
        let mixed_BSD = try query.transposed(1, 2)
            .attention(keys: key.transposed(1, 2), values: value.transposed(1, 2), scale: c.attentionScale)
            .transposed(1, 2).reshaped([batch, length, -1]).linear(output, weights)
        return try x_BSD.adding(mixed_BSD)
    }
}

extension DeepSeekV3Configuration {
    /// What attention scores are multiplied by: one over the root of the head's width, corrected under YaRN.
    var attentionScale: Double {
        let plain = pow(Double(plainHeadWidth + rotaryHeadWidth), -0.5)
        guard let stretch else { return plain }
        let correction = 0.1 * stretchAttentionFactor * log(stretch.factor) + 1
        return plain * correction * correction
    }
}
