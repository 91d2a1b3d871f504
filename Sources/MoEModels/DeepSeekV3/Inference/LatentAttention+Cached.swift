package import LibTorch
import TrainingRecipes

extension LatentAttention {
    /// Returns the sum of `x_SD`, the tokens at `positions`, and their attention over all cached tokens and themselves.
    ///
    /// The up-projection of the keys is absorbed into the queries and the up-projection of the values into the output,
    /// so attention runs directly over the cached latents. Source: DeepSeek-V2 report, 2024.
    package func callAsFunction(
        _ x_SD: Tensor, positions: Range<Int>, cache: inout LatentCache, _ weights: WeightGradients
    ) throws -> Tensor {
        let c = configuration
        let length = positions.count
        let (cosines, sines) = try rotary.rows(positions)
        let h_SD = try x_SD.rmsNormalized(norm, epsilon: c.rmsNormEps)

        let q_SHq = try h_SD.linear(queryDown, weights).rmsNormalized(queryNorm, epsilon: c.rmsNormEps)
            .linear(queryUp, weights).reshaped([length, c.numAttentionHeads, -1])
        let plain_HSn = try q_SHq.narrowed(2, 0..<c.qkNopeHeadDim).transposed(0, 1)
        let rotated_HSr = try q_SHq.narrowed(2, c.qkNopeHeadDim..<c.qkNopeHeadDim + c.qkRopeHeadDim)
            .reshaped([1, length, c.numAttentionHeads, c.qkRopeHeadDim]).rotated(cosines: cosines, sines: sines)
            .reshaped([length, c.numAttentionHeads, c.qkRopeHeadDim]).transposed(0, 1)

        let compressed_Sc = try h_SD.linear(keyValueDown, weights)
        let latent_Sc = try compressed_Sc.narrowed(1, 0..<c.kvLoraRank)
            .rmsNormalized(keyValueNorm, epsilon: c.rmsNormEps)
        let key_Sr = try compressed_Sc.narrowed(1, c.kvLoraRank..<c.kvLoraRank + c.qkRopeHeadDim)
            .reshaped([1, length, 1, c.qkRopeHeadDim]).rotated(cosines: cosines, sines: sines)
            .reshaped([length, c.qkRopeHeadDim])
        let (latents_Tc, keys_Tr) = try cache.append(latents: latent_Sc, rotaryKeys: key_Sr)

        let up_Hnc = try keyValueUp.reshaped([c.numAttentionHeads, c.qkNopeHeadDim + c.vHeadDim, c.kvLoraRank])
        let keyUp = try up_Hnc.narrowed(1, 0..<c.qkNopeHeadDim)
        let valueUp = try up_Hnc.narrowed(1, c.qkNopeHeadDim..<c.qkNopeHeadDim + c.vHeadDim)
        let query_1HSd = try Tensor.concatenated([plain_HSn.matmul(keyUp), rotated_HSr], along: 2)
            .reshaped([1, c.numAttentionHeads, length, -1])
        let key_11Td = try Tensor.concatenated([latents_Tc, keys_Tr], along: 1)
            .reshaped([1, 1, positions.upperBound, -1])
        let mixed_HSc = try query_1HSd.attention(
            keys: key_11Td, values: latents_Tc.reshaped([1, 1, positions.upperBound, -1]), scale: c.attentionScale
        ).reshaped([c.numAttentionHeads, length, -1])
        let mixed_SD = try mixed_HSc.matmul(valueUp.transposed()).transposed(0, 1).reshaped([length, -1])
            .linear(output, weights)
        return try x_SD.adding(mixed_SD)
    }
}

/// The attention cache of one layer: one latent and one rotary key per token, shared by all heads.
package struct LatentCache {
    /// The latents of the tokens so far, [T, kv_lora_rank]; nil if there are none.
    package private(set) var latents_Tc: Tensor?
    /// The rotary keys of the tokens so far, [T, qk_rope_head_dim]; nil if there are none.
    package private(set) var rotaryKeys_Tr: Tensor?

    /// Creates an empty cache.
    package init() {}

    /// Appends the latents and rotary keys of the next tokens and returns those of all tokens.
    mutating func append(latents: Tensor, rotaryKeys: Tensor) throws -> (latents: Tensor, rotaryKeys: Tensor) {
        let all = try latents_Tc.map { try Tensor.concatenated([$0, latents], along: 0) } ?? latents
        let keys = try rotaryKeys_Tr.map { try Tensor.concatenated([$0, rotaryKeys], along: 0) } ?? rotaryKeys
        latents_Tc = all
        rotaryKeys_Tr = keys
        return (all, keys)
    }
}
