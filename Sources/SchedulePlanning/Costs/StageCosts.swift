/// How long the parts of one stage take for one micro-batch, in nanoseconds.
public struct StageCosts: Hashable, Sendable {
    /// The forward pass, F.
    public var forward: Int64
    /// The gradient of the stage's input, I.
    public var inputGradient: Int64
    /// The gradients of the stage's weights, W.
    public var weightGradient: Int64

    /// Costs of the given lengths, in nanoseconds.
    public init(forward: Int64, inputGradient: Int64, weightGradient: Int64) {
        self.forward = forward
        self.inputGradient = inputGradient
        self.weightGradient = weightGradient
    }

    /// The full backward pass, B: input and weight gradients one after the other.
    public var backward: Int64 { inputGradient + weightGradient }
}
