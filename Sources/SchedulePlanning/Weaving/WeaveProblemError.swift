/// Parts that make no step.
public struct WeaveProblemError: Error, Hashable, CustomStringConvertible {
    /// Where it is, such as `forward part 3`.
    public let place: String
    /// What is wrong there.
    public let problem: String

    /// Both in one line.
    public var description: String { "\(place) \(problem)" }
}
