import Timelines

/// The rules by which kernels are told apart: the first that applies decides, and what none names is computation.
public struct KernelRules: Sendable {
    /// The rules, in the order in which they are tried.
    public private(set) var rules: [KernelRule]

    /// The rules for NCCL, RCCL, NVSHMEM, DeepEP, custom all-reduce kernels and copies.
    public init() {
        rules = Self.builtIn
    }

    /// Puts rules before those that are there.
    public mutating func prepend(_ others: [KernelRule]) {
        rules = others + rules
    }

    /// Counts every kernel whose name an expression matches as communication, before all other rules.
    ///
    /// - Throws: ``KernelRuleError`` where the text is no regular expression.
    public mutating func addCommunication(matching expression: String) throws(KernelRuleError) {
        prepend([
            KernelRule(
                .expression(try KernelExpression(expression)),
                KernelKind(activity: .communication, family: expression))
        ])
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
            guard parts.count == 2, let kind = KernelKind(ruleClass: String(parts[0]), family: String(parts[1])) else {
                throw KernelRuleError(
                    line: index + 1,
                    reason: "write compute, communication, memory or wait, a space and a regular expression")
            }
            do {
                added.append(KernelRule(.expression(try KernelExpression(String(parts[1]))), kind))
            } catch {
                throw KernelRuleError(line: index + 1, reason: error.reason)
            }
        }
        prepend(added)
    }

    /// What a kernel is. O(rules x name).
    public func kind(of name: String, isCopy: Bool) -> KernelKind {
        let name = KernelName(name)
        return rules.first { $0.applies(to: name, isCopy: isCopy) }?.kind ?? KernelKind(activity: .compute)
    }
}

extension KernelKind {
    /// The kind that a line of a rules file names.
    fileprivate init?(ruleClass: String, family: String) {
        switch ruleClass {
        case "compute": self.init(activity: .compute, family: family)
        case "communication": self.init(activity: .communication, family: family)
        case "memory": self.init(activity: .memory, family: family)
        case "wait": self.init(activity: .communication, role: .wait, family: family)
        default: return nil
        }
    }
}
