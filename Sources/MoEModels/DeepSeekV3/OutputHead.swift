import LibTorch

/// The final norm and the projection to the vocabulary.
struct OutputHead {
    let norm: Tensor
    let weight: Tensor
    let epsilon: Double

    func logits(_ x: Tensor, _ weights: WeightGradients) throws -> Tensor {
        try x.rmsNormalized(norm, epsilon: epsilon).linear(weight, weights)
    }

    /// The summed cross entropy of the residual stream's logits against `targets` [B, S].
    ///
    /// - Parameter isRecomputed: Whether the backward computes the norm again.
    func loss(_ x_BSD: Tensor, targets: Tensor, _ context: SegmentContext, isRecomputed: Bool) throws -> Tensor {
        try context.value(isRecomputed: isRecomputed) { [self] in try x_BSD.rmsNormalized(norm, epsilon: epsilon) }
            .reshaped([-1, weight.shape[1]])
            .linearCrossEntropy(weight, targets: targets.reshaped([-1]), context.weights)
    }
}
