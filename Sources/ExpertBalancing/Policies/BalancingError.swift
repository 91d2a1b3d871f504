/// Sizes that no placement can have, or that a policy does not take.
public struct BalancingError: Error, Hashable, CustomStringConvertible {
    /// One line: the value, the limit and the remedy.
    public let description: String

    init(_ description: String) { self.description = description }
}
