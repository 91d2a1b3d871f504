/// An invalid rule in a rules file or an option, described in one line.
public struct KernelRuleError: Error, Hashable, CustomStringConvertible {
    /// The number of the line in the rules file, from 1; nil if the rule was given as an option.
    public let line: Int?
    /// The problem and the remedy.
    public let reason: String

    init(line: Int? = nil, reason: String) {
        self.line = line
        self.reason = reason.split(separator: "\n").joined(separator: " ")
    }

    /// The line and the reason.
    public var description: String { (line.map { "line \($0): " } ?? "") + reason }
}
