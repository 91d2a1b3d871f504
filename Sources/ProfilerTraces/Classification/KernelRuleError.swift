/// What is wrong with a rule that a user gave, as one line.
public struct KernelRuleError: Error, Hashable, CustomStringConvertible {
    /// The line of the rules file, from 1; nil for a rule given as an option.
    public let line: Int?
    /// What is wrong and what to do.
    public let reason: String

    init(line: Int? = nil, reason: String) {
        self.line = line
        self.reason = reason.split(separator: "\n").joined(separator: " ")
    }

    /// The line and the reason.
    public var description: String { (line.map { "line \($0): " } ?? "") + reason }
}
