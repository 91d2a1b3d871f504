public import Timelines

/// One profiler step of one rank.
public struct StepAnalysis: Hashable, Sendable {
    /// The step's number.
    public var number: Int
    /// The breakdown of the time of the work that was launched in the step.
    public var breakdown: TimeBreakdown
}
