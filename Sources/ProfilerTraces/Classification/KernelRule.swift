import Timelines

/// A rule that classifies kernels by name.
public struct KernelRule: Sendable, CustomStringConvertible {
    /// The condition of a rule.
    public enum Match: Sendable {
        /// The name begins with one of these.
        case prefix([String])
        /// The name contains one of these.
        case contains([String])
        /// The path of the kernel's function contains at least one text of each list, in lower case
        /// and without underscores. `::` stands before and after each part of the path, as in `::vllm::add::`.
        case function([[String]])
        /// The expression matches any part of the name.
        case expression(KernelExpression)
        /// The profiler classifies the work as a copy or a fill, and the name contains one of the texts, if there are
        /// any.
        case copy(containing: [String])
    }

    /// The condition of the rule.
    public let match: Match
    /// The kind of the kernels that the rule applies to.
    public let kind: KernelKind
    /// The bytes of the texts to search for, by list.
    private let parts: [[[UInt8]]]

    /// Creates a rule.
    public init(_ match: Match, _ kind: KernelKind) {
        self.match = match
        self.kind = kind
        let lists =
            switch match {
            case .function(let lists): lists
            case .contains(let texts), .copy(let texts): [texts]
            case .prefix, .expression: [[String]]()
            }
        parts = lists.map { $0.map { Array($0.utf8) } }
    }

    /// Returns whether the rule applies to a kernel. O(name).
    ///
    /// - Throws: ``KernelRuleError`` if its expression takes too long.
    func applies(
        to name: KernelName, _ function: KernelFunction, isCopy: Bool
    ) throws(KernelRuleError) -> Bool {
        switch match {
        case .prefix(let prefixes): prefixes.contains { name.text.hasPrefix($0) }
        case .contains: parts.allSatisfy { list in list.contains { name.contains($0) } }
        case .function: parts.allSatisfy { $0.contains(where: function.contains) }
        case .expression(let expression): try expression.matches(name.text)
        case .copy: isCopy && parts.allSatisfy { list in list.isEmpty || list.contains { name.contains($0) } }
        }
    }

    /// The rule as one line of text.
    public var description: String {
        let condition =
            switch match {
            case .prefix(let prefixes): "name begins with " + prefixes.joined(separator: " or ")
            case .contains(let parts): "name contains " + parts.joined(separator: " or ")
            case .function(let lists):
                "function contains " + lists.map { $0.joined(separator: " or ") }.joined(separator: ", and ")
            case .expression(let expression): "name matches \(expression.text)"
            case .copy(let parts):
                "a copy or fill" + (parts.isEmpty ? "" : " whose name contains " + parts.joined(separator: " or "))
            }
        let role = kind.role == .work ? "" : " (\(kind.role.name))"
        return "\(kind.activity.name)\(role): \(condition)\(kind.family.isEmpty ? "" : " -> \(kind.family)")"
    }
}
