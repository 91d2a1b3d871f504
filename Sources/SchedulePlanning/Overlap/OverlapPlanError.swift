/// A plan that does not suit the segments it is to run.
public struct OverlapPlanError: Error, Hashable, CustomStringConvertible {
    /// The segment at which it shows, from 0; the number of segments where some are missing.
    public let position: Int
    /// What is wrong.
    public let problem: String

    /// Both in one line.
    public var description: String { "position \(position) of the overlap plan: \(problem)" }
}
