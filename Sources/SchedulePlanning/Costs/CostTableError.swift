/// Costs that a ``CostTable`` does not take.
public enum CostTableError: Error, Hashable, CustomStringConvertible {
    /// There is no key of this name.
    case unknownKey(String)
    /// A key's numbers, or several keys together, make no costs: what is wrong, and what to give.
    case impossible(String)

    /// One line: what is wrong, and what to do.
    public var description: String {
        switch self {
        case .unknownKey(let name): "there is no cost '\(name.prefix(40))'"
        case .impossible(let explanation): explanation
        }
    }
}
