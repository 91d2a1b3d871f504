import CLibTorch

extension Tensor {
    /// The rows of the table [V, D] that int64 `indices` name: [indices…, D].
    public func embedding(of indices: Tensor) throws(LibTorchError) -> Tensor {
        try Tensor { ct_embedding(handle, indices.handle, &$0) }
    }

    /// The last dimension divided by its root mean square, times `weight` [D] (Zhang and Sennrich, 2019).
    public func rmsNormalized(_ weight: Tensor, epsilon: Double) throws(LibTorchError) -> Tensor {
        try Tensor { ct_rms_norm(handle, weight.handle, epsilon, &$0) }
    }

    /// The tensor [B, S, H, d] with its interleaved pairs rotated by position; `cosines` and `sines` are [S, d/2].
    public func rotated(cosines: Tensor, sines: Tensor) throws(LibTorchError) -> Tensor {
        try Tensor { ct_rotate(handle, cosines.handle, sines.handle, &$0) }
    }

    /// Causal attention of queries [B, H, S, d] over keys [B, H, T, d] and values [B, H, T, v]; the last query sees the
    /// last key. The softmax is taken in float32 at least.
    public func attention(keys: Tensor, values: Tensor, scale: Double) throws(LibTorchError) -> Tensor {
        try Tensor { ct_attention(handle, keys.handle, values.handle, scale, &$0) }
    }

    /// The summed cross entropy of logits [N, V] against int64 targets [N]; targets of -100 do not count.
    public func crossEntropy(targets: Tensor) throws(LibTorchError) -> Tensor {
        try Tensor { ct_cross_entropy(handle, targets.handle, &$0) }
    }

    /// tensor · weightᵀ for a weight [out, in], whose gradient `weights` keeps until it is run.
    public func linear(_ weight: Tensor, _ weights: WeightGradients) throws(LibTorchError) -> Tensor {
        try Tensor { ct_linear(handle, weight.handle, weights.handle, &$0) }
    }

    /// SwiGLU experts on rows [T, D] that are grouped by expert.
    ///
    /// - Parameters:
    ///   - counts: Rows of each expert, E of them.
    ///   - up: Gate over up projections, [E, 2I, D].
    ///   - down: Down projections, [E, D, I].
    ///   - weights: Keeps the weights' gradients until it is run.
    public func experts(
        counts: [Int], up: Tensor, down: Tensor, _ weights: WeightGradients
    ) throws(LibTorchError) -> Tensor {
        try Tensor {
            ct_experts(handle, counts.map(Int64.init), Int64(counts.count), up.handle, down.handle, weights.handle, &$0)
        }
    }
}
