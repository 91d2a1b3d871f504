public import Timelines

/// One profiler step of one rank.
public struct StepAnalysis: Hashable, Sendable {
    /// The step's number.
    public var number: Int
    /// How its time was spent: by the work that was launched in it.
    public var breakdown: TimeBreakdown
}
