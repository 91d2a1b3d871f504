import PipelineSchedules

/// The costs of one stage for one micro-batch, in nanoseconds.
public struct StageCosts: Hashable, Sendable {
    /// The forward pass, F.
    public var forward: Int64
    /// The gradient of the stage's input, I.
    public var inputGradient: Int64
    /// The gradients of the stage's weights, W.
    public var weightGradient: Int64
    /// The time within `forward` in which the stage communicates and does not compute.
    public var forwardCommunication: Int64
    /// The time within `inputGradient` in which the stage communicates and does not compute.
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

    /// Returns the time that an action of a kind takes alone; 0 for an action that does not compute.
    @inline(__always) func length(_ kind: ActionKind) -> Int64 {
        switch kind {
        case .forward: forward
        case .backward: backward
        case .inputGradient: inputGradient
        case .weightGradient: weightGradient
        default: 0
        }
    }

    /// Whether no time is negative and no communication is longer than its pass.
    var isPossible: Bool {
        weightGradient >= 0 && forwardCommunication >= 0 && backwardCommunication >= 0
            && forward >= forwardCommunication && inputGradient >= backwardCommunication
    }

    /// Returns the costs of one of `parts` equal stages that share the work of this one.
    package func divided(by parts: Double) -> StageCosts {
        func part(_ value: Int64) -> Int64 { Int64((Double(value) / parts).rounded()) }
        return StageCosts(
            forward: part(forward), inputGradient: part(inputGradient), weightGradient: part(weightGradient),
            forwardCommunication: part(forwardCommunication), backwardCommunication: part(backwardCommunication))
    }
}
