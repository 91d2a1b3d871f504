public import PipelineActions

/// An action of a pipeline schedule that ran on a rank. Times are nanoseconds on the trace's own clock.
public struct PipelineAction: Hashable, Sendable {
    /// The action: a forward, a backward, an input gradient or a weight gradient.
    public var action: Action
    /// The start.
    public var start: Int64
    /// The duration.
    public var duration: Int64
    /// The time at which the result for the next stage was ready; nil if it is not known to be before the end.
    public var ready: Int64?

    /// Creates an action that ran during `interval`.
    init(_ action: Action, _ interval: Range<Int64>) {
        self.action = action
        start = interval.lowerBound
        duration = interval.upperBound - interval.lowerBound
    }

    /// The kind of the action.
    public var kind: ActionKind { action.kind }
    /// The number of the stage in the schedule.
    public var stage: Int { action.stage }
    /// The number of the micro-batch in its chain.
    public var microbatch: Int { action.microbatch }

    /// The interval from the start to the end.
    public var interval: Range<Int64> { start..<start + duration }

    /// Whether the action computes the gradient that the previous stage waits for.
    var isGradient: Bool { kind == .backward || kind == .inputGradient }

    /// The action in PyTorch's grammar.
    public var name: String { action.description }
}
