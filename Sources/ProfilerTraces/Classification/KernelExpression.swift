/// A regular expression that a user gave.
public struct KernelExpression: Sendable {
    /// The expression as it was written.
    public let text: String
    // Regex is not marked Sendable; this one is only ever matched against, which changes nothing in it.
    private nonisolated(unsafe) let expression: Regex<AnyRegexOutput>

    /// Compiles an expression.
    ///
    /// - Throws: ``KernelRuleError`` where the text is none.
    public init(_ text: String) throws(KernelRuleError) {
        do {
            expression = try Regex(text)
        } catch {
            throw KernelRuleError(reason: "'\(text)' is not a regular expression: \(error)")
        }
        self.text = text
    }

    /// Whether the expression matches somewhere in a name.
    public func matches(_ name: String) -> Bool {
        // An expression that fails while matching matches nothing.
        ((try? expression.firstMatch(in: name)) ?? nil) != nil
    }
}
