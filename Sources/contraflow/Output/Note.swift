import CommandUsage
import Foundation
import SystemPackage

/// Writes one line of text to standard error.
func note(_ text: String) {
    writeError(text.printable + "\n")
}

/// Writes text to standard error as it is.
///
/// - Returns: false if there is no reader, as of a closed pipe. A full disk under the output is no such case.
@discardableResult
func writeError(_ text: String) -> Bool {
    do {
        try FileDescriptor.standardError.writeAll(text.utf8)
        return true
    } catch {
        return [ENOSPC, EDQUOT, EFBIG].contains((error as? Errno)?.rawValue ?? 0)
    }
}
