/// An overlap plan that does not fit its problem.
public struct OverlapPlanError: Error, Hashable, CustomStringConvertible {
    /// The position of the error in the plan, from 0; the length of the plan if segments are missing.
    public let position: Int
    /// The reason, in words.
    public let problem: String

    /// The position and the reason, in one line.
    public var description: String { "position \(position) of the overlap plan: \(problem)" }
}
