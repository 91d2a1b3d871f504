/// Text that is not an overlap plan.
public struct OverlapPlanParsingError: Error, Hashable, CustomStringConvertible {
    /// The text.
    public let text: String
    /// What is wrong with it.
    public let problem: String

    /// What is wrong, and how an overlap plan is written, in one line.
    public var description: String {
        let shown = text.count > 60 ? text.prefix(60) + "…" : text[...]
        return
            "'\(shown)' is no overlap plan: \(problem); write one letter per segment, with a count if it repeats, such as F2BW3"
    }
}
