#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Checks of the invariants of values at run time. They are off by default.
///
/// A type with invariants has a method `_checkInvariants()`, which stops the process and names the broken invariant.
/// Initializers and mutating methods call this method once per value that they make or change, if ``areEnabled`` is
/// true.
package enum InvariantChecks {
    /// Whether the checks run: `CONTRAFLOW_CHECK_INVARIANTS` is set, and neither to `0` nor to an empty string.
    ///
    /// The variable is read once per process.
    package static let areEnabled = areEnabled(by: getenv("CONTRAFLOW_CHECK_INVARIANTS").map { String(cString: $0) })

    /// Stops the process with a message. A precondition failure would print no message in a release build.
    package static func fail(_ message: String) -> Never { fatalError("broken invariant: \(message)") }

    /// Whether a value of `CONTRAFLOW_CHECK_INVARIANTS` turns the checks on; nil stands for an unset variable.
    package static func areEnabled(by value: String?) -> Bool {
        guard let value else { return false }
        return !value.isEmpty && value != "0"
    }
}
