/// Text that is not an overlap plan.
public struct OverlapPlanParsingError: Error, Hashable, CustomStringConvertible {
    /// The text.
    public let text: String
    /// The reason, in words.
    public let problem: String

    /// The reason and the format of an overlap plan, in one line.
    public var description: String {
        let shown = text.count > 60 ? text.prefix(60) + "…" : text[...]
        return
            "'\(shown)' is not an overlap plan: \(problem); write one letter per segment, with a count if the letter "
            + "repeats, such as F2BW3"
    }
}
