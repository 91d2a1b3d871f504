import Foundation
import Synchronization

/// A regular expression that a user gave, in the syntax of ICU.
///
/// Some expressions take exponential time, such as `(a+)+$`. Foundation reports the progress of a match and can end the
/// match, which Swift's `Regex` cannot, so that an expression which runs away is an error on every thread.
public struct KernelExpression: Sendable {
    /// The expression as it was written.
    public let text: String
    private let expression: NSRegularExpression
    private let budget = Budget()

    /// The reports of progress that an expression may use for all names. A report follows about 0.1 ms of matching, and
    /// an ordinary match has none.
    private static let reportLimit = 30_000

    private final class Budget: Sendable {
        let reports = Atomic(0)
    }

    /// Compiles an expression.
    ///
    /// - Throws: ``KernelRuleError`` if the text is not a regular expression.
    public init(_ text: String) throws(KernelRuleError) {
        do {
            expression = try NSRegularExpression(pattern: text)
        } catch {
            throw KernelRuleError(reason: "'\(text)' is not a regular expression: check its brackets and escapes")
        }
        self.text = text
    }

    /// Returns whether the expression matches any part of a name.
    ///
    /// - Throws: ``KernelRuleError`` if the expression takes too long.
    public func matches(_ name: String) throws(KernelRuleError) -> Bool {
        var isFound = false
        var isTooLong = false
        expression.enumerateMatches(
            in: name, options: .reportProgress, range: NSRange(location: 0, length: name.utf16.count)
        ) { match, flags, stop in
            isFound = match != nil
            if flags.contains(.progress) {
                isTooLong = budget.reports.add(1, ordering: .relaxed).newValue > Self.reportLimit
            }
            stop.pointee = ObjCBool(isFound || isTooLong)
        }
        if isTooLong {
            throw KernelRuleError(
                reason:
                    "'\(text)' takes too long to match names of kernels, the last of which has \(name.utf8.count) bytes: "
                    + "give an expression without nested repetition")
        }
        return isFound
    }
}
