/// A regular expression that a user gave.
public struct KernelExpression: Sendable {
    /// The expression as it was written.
    public let text: String
    // Regex is not Sendable. This one is only matched against names, which does not change it.
    private nonisolated(unsafe) let expression: Regex<AnyRegexOutput>

    /// Compiles an expression.
    ///
    /// - Throws: ``KernelRuleError`` if the text is not a regular expression.
    public init(_ text: String) throws(KernelRuleError) {
        do {
            expression = try Regex(text)
        } catch {
            throw KernelRuleError(reason: "'\(text)' is not a regular expression: \(error)")
        }
        self.text = text
    }

    /// Returns whether the expression matches any part of a name.
    public func matches(_ name: String) -> Bool {
        // An error while matching counts as no match.
        ((try? expression.firstMatch(in: name)) ?? nil) != nil
    }
}
