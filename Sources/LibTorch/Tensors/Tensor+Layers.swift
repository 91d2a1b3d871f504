import CLibTorch

extension Tensor {
    /// The rows `indices` (int64) of the table [V, D]: [indices…, D].
    public func embedding(of indices: Tensor) throws(LibTorchError) -> Tensor {
        try Tensor { ct_embedding(handle, indices.handle, &$0) }
    }

    /// RMSNorm over the last dimension, with `weight` [D]. Source: Zhang and Sennrich, 2019.
    public func rmsNormalized(_ weight: Tensor, epsilon: Double) throws(LibTorchError) -> Tensor {
        try Tensor { ct_rms_norm(handle, weight.handle, epsilon, &$0) }
    }

    /// Rotary position embedding of the tensor [B, S, H, d] by interleaved pairs; `cosines` and `sines` are [S, d/2].
    public func rotated(cosines: Tensor, sines: Tensor) throws(LibTorchError) -> Tensor {
        try Tensor { ct_rotate(handle, cosines.handle, sines.handle, &$0) }
    }

    /// Causal attention of queries [B, H, S, d] over keys [B, H, T, d] and values [B, H, T, v]. The last query attends
    /// to all keys. The softmax is computed in float32 or float64.
    public func attention(keys: Tensor, values: Tensor, scale: Double) throws(LibTorchError) -> Tensor {
        try Tensor { ct_attention(handle, keys.handle, values.handle, scale, &$0) }
    }

    /// The summed cross entropy of logits [N, V] against int64 targets [N]; targets of -100 are ignored.
    public func crossEntropy(targets: Tensor) throws(LibTorchError) -> Tensor {
        try Tensor { ct_cross_entropy(handle, targets.handle, &$0) }
    }

    /// tensor · weightᵀ for a weight [out, in]. The weight's gradient is deferred to ``WeightGradients/run()`` of
    /// `weights`.
    public func linear(_ weight: Tensor, _ weights: WeightGradients) throws(LibTorchError) -> Tensor {
        try Tensor { ct_linear(handle, weight.handle, weights.handle, &$0) }
    }

    /// SwiGLU experts on rows [T, D] that are grouped by expert.
    ///
    /// - Parameters:
    ///   - counts: The number of rows of each of the E experts.
    ///   - up: Gate and up projections, stacked along the second dimension: [E, 2I, D].
    ///   - down: Down projections, [E, D, I].
    ///   - weights: Keeps the deferred products of the weights' gradients.
    public func experts(
        counts: [Int], up: Tensor, down: Tensor, _ weights: WeightGradients
    ) throws(LibTorchError) -> Tensor {
        try Tensor {
            ct_experts(handle, counts.map(Int64.init), Int64(counts.count), up.handle, down.handle, weights.handle, &$0)
        }
    }
}
