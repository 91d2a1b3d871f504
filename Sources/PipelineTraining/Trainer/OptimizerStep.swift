import PipelineRuntime
import LibTorch

/// One step of AdamW with the gradient clipped to a norm (Loshchilov and Hutter, 2019).
public struct OptimizerStep {
    /// Which step it is, from 1.
    public var number: Int
    /// The learning rate.
    public var rate: Double
    /// Decay rates of the two moments.
    public var betas: (Double, Double)
    /// Added to the root of the second moment.
    public var epsilon: Double
    /// Weight decay, for parameters that decay.
    public var decay: Double
    /// The norm beyond which the gradient is scaled down; nil for none.
    public var maximumNorm: Double?

    /// A step with DeepSeek-V3's settings where none are given.
    public init(
        number: Int, rate: Double, betas: (Double, Double) = (0.9, 0.95), epsilon: Double = 1e-8, decay: Double = 0.1,
        maximumNorm: Double? = 1
    ) {
        self.number = number
        self.rate = rate
        self.betas = betas
        self.epsilon = epsilon
        self.decay = decay
        self.maximumNorm = maximumNorm
    }

    /// Changes a bucket's parameters by its gradients, which are scaled in place where `norm` is beyond the limit.
    func apply(to bucket: ParameterBucket, norm: Double) throws {
        if let maximumNorm, norm > maximumNorm { try bucket.gradients.scale(by: maximumNorm / (norm + 1e-6)) }
        let gradients = try bucket.gradients.converted(to: bucket.masters.type)
        let count = bucket.masters.elementCount
        for (range, decay) in [(0..<bucket.decayingCount, decay), (bucket.decayingCount..<count, 0)]
        where !range.isEmpty {
            try bucket.masters.narrowed(0, range).stepAdamW(
                gradients: gradients.narrowed(0, range), firstMoment: bucket.firstMoments.narrowed(0, range),
                secondMoment: bucket.secondMoments.narrowed(0, range), step: number, rate: rate, beta1: betas.0,
                beta2: betas.1, epsilon: epsilon, decay: decay)
        }
        try bucket.round()
    }
}
