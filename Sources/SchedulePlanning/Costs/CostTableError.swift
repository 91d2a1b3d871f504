/// An error in the costs of a ``CostTable``.
public enum CostTableError: Error, Hashable, CustomStringConvertible {
    /// No key has this name.
    case unknownKey(String)
    /// The numbers of a key are impossible, or several keys contradict each other. The text says what is wrong and what
    /// to give.
    case impossible(String)

    /// One line: the error and its remedy.
    public var description: String {
        switch self {
        case .unknownKey(let name): "there is no cost '\(name.prefix(40))'"
        case .impossible(let explanation): explanation
        }
    }
}
