/// Parts that make no step.
public struct OverlapProblemError: Error, Hashable, CustomStringConvertible {
    /// Where it is, such as `forward segment 3`.
    public let location: String
    /// What is wrong there.
    public let problem: String

    /// Both in one line.
    public var description: String { "\(location) \(problem)" }
}
