import CLibTorch

extension Tensor {
    /// The rows `indices` (int64) of the table [V, D]: [indices…, D]. The table's gradient repeats bit for bit: the rows
    /// of one index are added in the order of the indices.
    public func embedding(of indices: Tensor) throws(LibTorchError) -> Tensor {
        try Tensor { ct_embedding(handle, indices.handle, &$0) }
    }

    /// The rows `index` (int64) of the first dimension. The gradient is a sum of gathered rows, so that it repeats bit for
    /// bit on every device.
    ///
    /// - Parameters:
    ///   - index: The index of each row of the result, int64.
    ///   - uses: The positions, int64, of the copies of each row in the result: [R] if every row has one copy, [R, K] if
    ///     it has K.
    public func rows(_ index: Tensor, uses: Tensor) throws(LibTorchError) -> Tensor {
        try Tensor { ct_gather_rows(handle, index.handle, uses.handle, &$0) }
    }

    /// RMSNorm over the last dimension, with `weight` [D]. Source: Zhang and Sennrich, 2019.
    public func rmsNormalized(_ weight: Tensor, epsilon: Double) throws(LibTorchError) -> Tensor {
        try Tensor { ct_rms_norm(handle, weight.handle, epsilon, &$0) }
    }

    /// Rotary position embedding of the tensor [B, S, H, d] by interleaved pairs; `cosines` and `sines` are [S, d/2].
    public func rotated(cosines: Tensor, sines: Tensor) throws(LibTorchError) -> Tensor {
        try Tensor { ct_rotate(handle, cosines.handle, sines.handle, &$0) }
    }

    /// Causal attention of queries [B, H, S, d] over keys [B, H, T, d] and values [B, H, T, v]. The keys and values of
    /// one head or one sequence serve all. The last query attends to all keys. The softmax is computed in float32 or
    /// float64, and no tensor of all scores exists.
    public func attention(keys: Tensor, values: Tensor, scale: Double) throws(LibTorchError) -> Tensor {
        try Tensor { ct_attention(handle, keys.handle, values.handle, scale, &$0) }
    }

    /// Causal latent attention of queries [B, S, H, n + r] between its projections: [B, S, H · v].
    ///
    /// - Parameters:
    ///   - keysAndValues: The keys without position and the values of all heads, [B, S, H, n + v].
    ///   - rotaryKeys: The keys with position, which all heads share, [B, S, r].
    ///   - cosines: The cosines by which the last r dimensions of queries and keys are rotated, [S, r/2].
    ///   - sines: The sines, [S, r/2].
    ///   - scale: The factor of the scores.
    public func latentAttention(
        keysAndValues: Tensor, rotaryKeys: Tensor, cosines: Tensor, sines: Tensor, scale: Double
    ) throws -> Tensor {
        let rotary = (cosines: cosines, sines: sines)
        let heads = try latentHeads(keysAndValues: keysAndValues, rotaryKeys: rotaryKeys, rotary: rotary)
        let width = keysAndValues.shape[3] + rotaryKeys.shape[2] - shape[3]
        return try Tensor.latentAttention(heads, valueWidth: width, type: type, scale: scale)
    }

    /// Returns the queries, keys and values of ``latentAttention(keysAndValues:rotaryKeys:cosines:sines:scale:)`` as the
    /// kernel reads them: rotated, joined, and padded to one width.
    package func latentHeads(
        keysAndValues: Tensor, rotaryKeys: Tensor, rotary: (cosines: Tensor, sines: Tensor)
    ) throws(LibTorchError) -> [Tensor] {
        var queries, keys: OpaquePointer?
        let values = try made {
            ct_latent_heads(
                handle, keysAndValues.handle, rotaryKeys.handle, rotary.cosines.handle, rotary.sines.handle, &queries,
                &keys, &$0)
        }
        return [queries.unsafelyUnwrapped, keys.unsafelyUnwrapped, values].map(Tensor.init(handle:))
    }

    /// Returns the attention of heads that ``latentHeads(keysAndValues:rotaryKeys:rotary:)`` made, whose values have
    /// `valueWidth` dimensions: [B, S, H · valueWidth].
    package static func latentAttention(
        _ heads: [Tensor], valueWidth: Int, type: ElementType, scale: Double
    ) throws(LibTorchError) -> Tensor {
        try Tensor {
            ct_latent_attention(
                heads[0].handle, heads[1].handle, heads[2].handle, Int64(valueWidth), type.rawValue, scale, &$0)
        }
    }

    /// The summed cross entropy of logits [N, V] against int64 targets [N]; targets of -100 are ignored.
    public func crossEntropy(targets: Tensor) throws(LibTorchError) -> Tensor {
        try Tensor { ct_cross_entropy(handle, targets.handle, &$0) }
    }

    /// The sum of each token's rows, [T, D], of a tensor with one row per token and choice, [T · K, D].
    ///
    /// - Parameter places: The row of each choice, int64 [T, K]. Each row has one place.
    public func merged(places: Tensor) throws(LibTorchError) -> Tensor {
        try Tensor { ct_merge(handle, places.handle, &$0) }
    }

    /// tensor · weightᵀ for a weight [out, in]. The weight's gradient is deferred to ``WeightGradients/run()`` of
    /// `weights`.
    ///
    /// - Parameters:
    ///   - weight: The weight, [out, in].
    ///   - weights: The store of the deferred product.
    ///   - type: The type in which the product is computed, and the type of the result; nil for the tensor's.
    public func linear(
        _ weight: Tensor, _ weights: WeightGradients, in type: ElementType? = nil
    ) throws(LibTorchError) -> Tensor {
        try Tensor { ct_linear(handle, weight.handle, type?.rawValue ?? -1, weights.handle, &$0) }
    }

    /// The summed cross entropy of the logits tensor · weightᵀ, for a tensor [N, D] and a weight [V, D], against int64
    /// targets [N]; targets of -100 are ignored. The weight's gradient is deferred as in ``linear(_:_:in:)``.
    ///
    /// The logits are kept once, in their own type: the backward turns them into their gradient in place.
    public func linearCrossEntropy(
        _ weight: Tensor, targets: Tensor, _ weights: WeightGradients
    ) throws(LibTorchError) -> Tensor {
        try Tensor { ct_linear_cross_entropy(handle, weight.handle, targets.handle, weights.handle, &$0) }
    }

    /// A SwiGLU network on rows [T, D], with the stacked gate and up projections `up` [2I, D] and the down projection
    /// `down` [D, I]. The weights' gradients are deferred as in ``linear(_:_:in:)``.
    public func swiGLU(up: Tensor, down: Tensor, _ weights: WeightGradients) throws(LibTorchError) -> Tensor {
        try experts(counts: [shape[0]], up: up, down: down, weights)
    }

    /// SwiGLU experts on rows [T, D] that are grouped by expert.
    ///
    /// - Parameters:
    ///   - counts: The number of rows of each of the E experts.
    ///   - up: Gate and up projections, stacked along the second dimension: [E, 2I, D].
    ///   - down: Down projections, [E, D, I].
    ///   - others: The weights of the experts after these, if they are in other tensors.
    ///   - factors: The factor of each row of the result, [T, 1]; nil for 1. The inner activations are multiplied by it,
    ///     so that its gradient needs no row of the result.
    ///   - weights: Keeps the deferred products of the weights' gradients.
    public func experts(
        counts: [Int], up: Tensor, down: Tensor, and others: [(up: Tensor, down: Tensor)] = [],
        factors: Tensor? = nil, _ weights: WeightGradients
    ) throws(LibTorchError) -> Tensor {
        let stacks = [(up, down)] + others
        let ups = stacks.map { Optional($0.0.handle) }
        let downs = stacks.map { Optional($0.1.handle) }
        return try withExtendedLifetime(stacks) { () throws(LibTorchError) in
            try Tensor {
                ct_experts(
                    handle, factors?.handle, counts.map(Int64.init), Int64(counts.count), ups, downs,
                    Int32(stacks.count), weights.handle, &$0)
            }
        }
    }
}
