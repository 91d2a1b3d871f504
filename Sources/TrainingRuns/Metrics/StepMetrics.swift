/// The metrics of one training step: a line of `metrics.jsonl`.
public struct StepMetrics: Hashable, Sendable, Codable {
    /// The number of the step, counted from 1.
    public var step: Int
    /// The loss of the next token, in nats per token.
    public var loss: Double
    /// The weighted loss of multi-token prediction, which predicts the token after the next one.
    public var mtpLoss: Double
    /// The weighted balance loss.
    public var balanceLoss: Double
    /// The norm of the gradient before clipping.
    public var gradientNorm: Double
    /// The learning rate.
    public var lr: Double
    /// The number of tokens in the step.
    public var tokens: Int
    /// The duration of the step, in seconds.
    public var seconds: Double
    /// The share of the time of all ranks, from the first start to the last end of an action, in which no action runs,
    /// 0 to 1. nil if no rank ran an action.
    public var bubble: Double?
    /// The share of exchanges and reductions that computation hides, over all ranks, 0 to 1. nil if there is no
    /// communication.
    public var hiddenCommunication: Double?
    /// The shares of the ranks' time in which communication is exposed, by the name of its `ExposureCause`. nil if
    /// there is no communication.
    public var exposed: [String: Double]?
    /// The ratio of the mean expert load to the largest expert load, averaged over layers, 0 to 1. nil if no layer has
    /// routed experts.
    public var expertBalance: Double?
    /// The ratio of the mean to the largest number of rows that the ranks of an expert-parallel group compute, summed over
    /// micro-batches and averaged over layers, 0 to 1. nil if one rank holds all experts.
    public var deviceBalance: Double?
    /// The loss of the next token on held-out data; nil if the step had no validation.
    public var validationLoss: Double?

    /// Creates the metrics of a step.
    public init(
        step: Int, loss: Double, mtpLoss: Double, balanceLoss: Double, gradientNorm: Double, lr: Double,
        tokens: Int, seconds: Double, bubble: Double? = nil, hiddenCommunication: Double? = nil,
        exposed: [String: Double]? = nil,
        expertBalance: Double? = nil, deviceBalance: Double? = nil, validationLoss: Double? = nil
    ) {
        self.step = step
        self.loss = loss
        self.mtpLoss = mtpLoss
        self.balanceLoss = balanceLoss
        self.gradientNorm = gradientNorm
        self.lr = lr
        self.tokens = tokens
        self.seconds = seconds
        self.bubble = bubble
        self.hiddenCommunication = hiddenCommunication
        self.exposed = exposed
        self.expertBalance = expertBalance
        self.deviceBalance = deviceBalance
        self.validationLoss = validationLoss
    }
}
