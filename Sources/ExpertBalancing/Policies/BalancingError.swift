/// An error for sizes that no placement can have, or that a policy does not support.
public struct BalancingError: Error, Hashable, CustomStringConvertible {
    /// One line with the value, the limit and the remedy.
    public let description: String

    init(_ description: String) { self.description = description }
}
