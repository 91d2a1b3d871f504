import Timelines

/// One line of the table by which kernels are classified.
public struct KernelRule: Sendable, CustomStringConvertible {
    /// How a rule looks at a name.
    public enum Match: Sendable {
        /// The name begins with one of these.
        case prefix([String])
        /// The name contains one of these.
        case contains([String])
        /// The name contains one of each list.
        case containsAll([[String]])
        /// The expression matches somewhere in the name.
        case expression(KernelExpression)
        /// The profiler says that the work is a copy or a fill.
        case copy(containing: [String])
    }

    /// What the rule looks for.
    public let match: Match
    /// What a kernel is that it finds.
    public let kind: KernelKind

    /// A rule.
    public init(_ match: Match, _ kind: KernelKind) {
        self.match = match
        self.kind = kind
    }

    /// Whether the rule speaks of a kernel. O(name).
    func applies(to name: KernelName, isCopy: Bool) -> Bool {
        switch match {
        case .prefix(let prefixes): prefixes.contains { name.text.hasPrefix($0) }
        case .contains(let parts): parts.contains { name.contains($0) }
        case .containsAll(let lists): lists.allSatisfy { list in list.contains { name.contains($0) } }
        case .expression(let expression): expression.matches(name.text)
        case .copy(let parts): isCopy && (parts.isEmpty || parts.contains { name.contains($0) })
        }
    }

    /// The rule as one line of text.
    public var description: String {
        let condition =
            switch match {
            case .prefix(let prefixes): "name begins with " + prefixes.joined(separator: " or ")
            case .contains(let parts): "name contains " + parts.joined(separator: " or ")
            case .containsAll(let lists):
                "name contains " + lists.map { $0.joined(separator: " or ") }.joined(separator: ", and ")
            case .expression(let expression): "name matches \(expression.text)"
            case .copy(let parts):
                "a copy or fill" + (parts.isEmpty ? "" : " whose name contains " + parts.joined(separator: " or "))
            }
        let role = kind.role == .work ? "" : " (\(kind.role.name))"
        return "\(kind.activity.name)\(role): \(condition)\(kind.family.isEmpty ? "" : " -> \(kind.family)")"
    }
}
