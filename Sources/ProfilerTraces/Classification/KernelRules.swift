import Timelines

/// The rules that classify kernels. The first rule that applies decides; kernels to which none applies are computation.
public struct KernelRules: Sendable {
    /// The rules, in the order in which they are tried.
    public private(set) var rules: [KernelRule]

    /// Creates the built-in rules for copies, libraries of collectives, expert-parallel exchanges and custom kernels.
    public init() { rules = Self.builtIn }

    /// Adds a rule before all others, which classifies kernels whose name matches an expression as communication.
    ///
    /// - Throws: ``KernelRuleError`` if the text is not a regular expression.
    public mutating func addCommunication(matching expression: String) throws(KernelRuleError) {
        let kind = KernelKind(activity: .communication, family: expression)
        rules.insert(KernelRule(.expression(try KernelExpression(expression)), kind), at: 0)
    }

    /// Adds the rules of a file before all others, in the order of the file.
    ///
    /// A line is a class, a space and a regular expression. The class is `compute`, `communication`, `memory`, or
    /// `wait` for communication that only waits. Empty lines and lines that begin with `#` are ignored.
    ///
    /// - Throws: ``KernelRuleError`` with the number of the first line that is not a rule.
    public mutating func add(file text: String) throws(KernelRuleError) {
        var added: [KernelRule] = []
        // "\r\n" is one Character.
        let isLineEnd = { (character: Character) in character == "\n" || character == "\r\n" }
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: isLineEnd).enumerated() {
            let trimmed = line.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
            if trimmed.isEmpty || trimmed.first == "#" { continue }
            let parts = trimmed.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" })
            let classes: [ActivityClass] = [.compute, .communication, .memory]
            let isWait = parts[0] == "wait"
            guard parts.count == 2,
                let activity = isWait ? .communication : classes.first(where: { $0.name == parts[0] })
            else {
                throw KernelRuleError(
                    line: index + 1,
                    reason: "'\(trimmed)' is not a rule: write compute, communication, memory or wait, a space and a "
                        + "regular expression")
            }
            let kind = KernelKind(activity: activity, role: isWait ? .wait : .work, family: String(parts[1]))
            do {
                added.append(KernelRule(.expression(try KernelExpression(String(parts[1]))), kind))
            } catch {
                throw KernelRuleError(line: index + 1, reason: error.reason)
            }
        }
        rules = added + rules
    }

    /// Returns the kind of a kernel. O(rules x name).
    ///
    /// - Throws: ``KernelRuleError`` if an expression takes too long.
    public func kind(of name: String, isCopy: Bool) throws(KernelRuleError) -> KernelKind {
        let function = KernelFunction(name)
        let name = KernelName(name)
        for rule in rules where try rule.applies(to: name, function, isCopy: isCopy) { return rule.kind }
        return KernelKind(activity: .compute)
    }
}
