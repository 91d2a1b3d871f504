import Timelines

/// The rules by which kernels are told apart: the first that applies decides, and what none names is computation.
public struct KernelRules: Sendable {
    /// The rules, in the order in which they are tried.
    public private(set) var rules: [KernelRule]

    /// The rules for NCCL, RCCL, NVSHMEM, DeepEP, custom all-reduce kernels and copies.
    public init() { rules = Self.builtIn }

    /// Counts every kernel whose name an expression matches as communication, before all other rules.
    ///
    /// - Throws: ``KernelRuleError`` where the text is no regular expression.
    public mutating func addCommunication(matching expression: String) throws(KernelRuleError) {
        let kind = KernelKind(activity: .communication, family: expression)
        rules.insert(KernelRule(.expression(try KernelExpression(expression)), kind), at: 0)
    }

    /// Puts the rules of a file before those that are there.
    ///
    /// A line is a class and a regular expression: `compute`, `communication`, `memory`, or `wait` for communication
    /// that waits; empty lines and those that begin with `#` say nothing.
    ///
    /// - Throws: ``KernelRuleError`` with the line.
    public mutating func add(file text: String) throws(KernelRuleError) {
        var added: [KernelRule] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
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
                    reason: "write compute, communication, memory or wait, a space and a regular expression")
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

    /// What a kernel is. O(rules x name).
    public func kind(of name: String, isCopy: Bool) -> KernelKind {
        let name = KernelName(name)
        return rules.first { $0.applies(to: name, isCopy: isCopy) }?.kind ?? KernelKind(activity: .compute)
    }
}
