/// A weave that does not suit the parts it is to run.
public struct WeaveFault: Error, Hashable, CustomStringConvertible {
    /// The turn at which it shows, from 0; the number of turns where some are missing.
    public let turn: Int
    /// What is wrong.
    public let problem: String

    /// Both in one line.
    public var description: String { "turn \(turn) of the weave: \(problem)" }
}
