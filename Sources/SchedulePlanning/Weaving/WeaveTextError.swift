/// A text that is no weave.
public struct WeaveTextError: Error, Hashable, CustomStringConvertible {
    /// The text.
    public let text: String
    /// What is wrong with it.
    public let problem: String

    /// What is wrong, and how a weave is written, in one line.
    public var description: String {
        let shown = text.count > 60 ? text.prefix(60) + "…" : text[...]
        return
            "'\(shown)' is no weave: \(problem); write a letter a turn, each with a count where it repeats, such as F2BW3"
    }
}
