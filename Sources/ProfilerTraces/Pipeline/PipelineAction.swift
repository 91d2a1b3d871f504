public import PipelineActions

/// An action of a pipeline's schedule as a rank ran it. Times are nanoseconds in the trace's own clock.
public struct PipelineAction: Hashable, Sendable {
    /// The action: a forward, a backward, an input gradient or a weight gradient.
    public var action: Action
    /// The start.
    public var start: Int64
    /// The duration.
    public var duration: Int64
    /// The time at which what the next stage needs was there, if that is known to be before the end.
    public var ready: Int64?

    /// An action that ran during `interval`.
    init(_ action: Action, _ interval: Range<Int64>) {
        self.action = action
        start = interval.lowerBound
        duration = interval.upperBound - interval.lowerBound
    }

    /// The kind of the action.
    public var kind: ActionKind { action.kind }
    /// The stage, as the schedule numbers it.
    public var stage: Int { action.stage }
    /// The micro-batch, as its chain numbers it.
    public var microbatch: Int { action.microbatch }

    /// From the start to the end.
    public var interval: Range<Int64> { start..<start + duration }

    /// Whether the stage before waits for the action.
    var isGradient: Bool { kind == .backward || kind == .inputGradient }

    /// The action in PyTorch's grammar.
    public var name: String { action.description }
}
