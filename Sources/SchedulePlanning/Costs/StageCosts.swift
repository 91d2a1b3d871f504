import PipelineSchedules

/// How long the parts of one stage take for one micro-batch, in nanoseconds.
public struct StageCosts: Hashable, Sendable {
    /// The forward pass, F.
    public var forward: Int64
    /// The gradient of the stage's input, I.
    public var inputGradient: Int64
    /// The gradients of the stage's weights, W.
    public var weightGradient: Int64
    /// The part of `forward` in which the stage communicates and does not compute.
    public var forwardCommunication: Int64
    /// The part of `inputGradient` in which the stage communicates and does not compute.
    public var backwardCommunication: Int64

    /// Costs of the given lengths, in nanoseconds.
    public init(
        forward: Int64, inputGradient: Int64, weightGradient: Int64, forwardCommunication: Int64 = 0,
        backwardCommunication: Int64 = 0
    ) {
        self.forward = forward
        self.inputGradient = inputGradient
        self.weightGradient = weightGradient
        self.forwardCommunication = forwardCommunication
        self.backwardCommunication = backwardCommunication
    }

    /// The full backward pass, B: input and weight gradients one after the other.
    public var backward: Int64 { inputGradient + weightGradient }

    /// How long an action of a kind takes alone; what does not compute takes no time of its rank.
    @inline(__always) func length(_ kind: ActionKind) -> Int64 {
        switch kind {
        case .forward: forward
        case .backward: backward
        case .inputGradient: inputGradient
        case .weightGradient: weightGradient
        default: 0
        }
    }

    /// Whether no part is negative and communication is no longer than what it is a part of.
    var isPossible: Bool {
        weightGradient >= 0 && forwardCommunication >= 0 && backwardCommunication >= 0
            && forward >= forwardCommunication && inputGradient >= backwardCommunication
    }

    /// The same work divided over `parts` equal stages.
    package func divided(by parts: Double) -> StageCosts {
        func part(_ value: Int64) -> Int64 { Int64((Double(value) / parts).rounded()) }
        return StageCosts(
            forward: part(forward), inputGradient: part(inputGradient), weightGradient: part(weightGradient),
            forwardCommunication: part(forwardCommunication), backwardCommunication: part(backwardCommunication))
    }
}
