import LibTorch

/// What one layer's attention keeps of the tokens so far: a latent and a rotary key a token, for all heads together.
struct LatentCache {
    private(set) var latents_Tc: Tensor?
    private(set) var rotaryKeys_Tr: Tensor?

    /// Adds the next tokens and returns those of all tokens.
    mutating func append(latents: Tensor, rotaryKeys: Tensor) throws -> (latents: Tensor, rotaryKeys: Tensor) {
        let all = try latents_Tc.map { try Tensor.concatenated([$0, latents], along: 0) } ?? latents
        let keys = try rotaryKeys_Tr.map { try Tensor.concatenated([$0, rotaryKeys], along: 0) } ?? rotaryKeys
        latents_Tc = all
        rotaryKeys_Tr = keys
        return (all, keys)
    }
}
