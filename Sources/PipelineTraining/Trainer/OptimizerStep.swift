import PipelineRuntime
import LibTorch

/// One step of AdamW with the gradient clipped to a norm (Loshchilov and Hutter, 2019).
public struct OptimizerStep {
    /// The number of the step, from 1.
    public var number: Int
    /// The learning rate.
    public var lr: Double
    /// The decay rates of the first and the second moment.
    public var betas: (Double, Double)
    /// The term added to the root of the second moment.
    public var eps: Double
    /// The weight decay of parameters that decay.
    public var weightDecay: Double
    /// The norm above which the gradient is scaled down; nil for no clipping.
    public var maxNorm: Double?

    /// Creates the settings of a step. The defaults are DeepSeek-V3's settings.
    public init(
        number: Int, lr: Double, betas: (Double, Double) = (0.9, 0.95), eps: Double = 1e-8, weightDecay: Double = 0.1,
        maxNorm: Double? = 1
    ) {
        self.number = number
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.weightDecay = weightDecay
        self.maxNorm = maxNorm
    }

    /// Updates a bucket's parameters by its gradients. If `norm` exceeds the limit, the gradients are scaled in place.
    ///
    /// - Parameter norm: The norm of the whole model's gradient.
    func apply(to bucket: ParameterBucket, norm: Double) throws {
        if let maxNorm, norm > maxNorm { try bucket.gradients.scale(by: maxNorm / (norm + 1e-6)) }
        let count = bucket.masters.elementCount
        for (range, weightDecay) in [(0..<bucket.decayingCount, weightDecay), (bucket.decayingCount..<count, 0)]
        where !range.isEmpty {
            try bucket.masters.narrowed(0, range).stepAdamW(
                gradients: bucket.gradients.narrowed(0, range), firstMoment: bucket.firstMoments.narrowed(0, range),
                secondMoment: bucket.secondMoments.narrowed(0, range), step: number, lr: lr, beta1: betas.0,
                beta2: betas.1, eps: eps, weightDecay: weightDecay)
        }
        try bucket.round()
    }
}
