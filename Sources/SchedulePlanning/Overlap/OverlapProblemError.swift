/// An error in the segments of an overlap problem.
public struct OverlapProblemError: Error, Hashable, CustomStringConvertible {
    /// The location of the error, such as `forward segment 3`.
    public let location: String
    /// The reason, in words.
    public let problem: String

    /// The location and the reason, in one line.
    public var description: String { "\(location) \(problem)" }
}
