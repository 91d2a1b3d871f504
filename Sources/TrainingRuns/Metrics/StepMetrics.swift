/// What one step of training came to: a line of `metrics.jsonl`.
public struct StepMetrics: Hashable, Sendable, Codable {
    /// The step, from 1.
    public var step: Int
    /// The loss of the next token, nats.
    public var loss: Double
    /// The weighted loss of the token after it.
    public var mtpLoss: Double
    /// The weighted balance loss.
    public var balanceLoss: Double
    /// The norm of the gradient before clipping.
    public var gradientNorm: Double
    /// The learning rate.
    public var lr: Double
    /// Tokens of the step.
    public var tokens: Int
    /// How long the step took, in seconds.
    public var seconds: Double
    /// The part of the time from the first action of any rank to the last end of all in which ranks run no action, 0 to 1;
    /// nil if ranks compute on devices, whose times are not recorded.
    public var bubble: Double?
    /// The part of exchanges and reductions that computation hides, over all ranks, 0 to 1; nil if nothing is exchanged, or
    /// on devices.
    public var hiddenCommunication: Double?
    /// The parts of the ranks' time in which communication runs that no computation hides, by the name of its
    /// `ExposureCause`; nil if nothing is exchanged, or on devices.
    public var exposed: [String: Double]?
    /// Mean over layers of mean expert load over largest expert load, 0 to 1.
    public var expertBalance: Double
    /// The loss of the next token on the held-out part, where this step looked at it.
    public var validationLoss: Double?

    /// A step's metrics.
    public init(
        step: Int, loss: Double, mtpLoss: Double, balanceLoss: Double, gradientNorm: Double, lr: Double,
        tokens: Int, seconds: Double, bubble: Double? = nil, hiddenCommunication: Double? = nil,
        exposed: [String: Double]? = nil,
        expertBalance: Double, validationLoss: Double? = nil
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
        self.validationLoss = validationLoss
    }
}
