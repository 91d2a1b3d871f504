import CommandUsage
import Foundation

/// Writes one line of text to standard error.
func note(_ text: String) {
    writeError(text.printable + "\n")
}

/// Writes text to standard error as it is.
///
/// - Returns: Whether the text was written; false if the reader has closed the pipe, for example.
@discardableResult
func writeError(_ text: String) -> Bool {
    do {
        try FileHandle.standardError.write(contentsOf: Data(text.utf8))
        return true
    } catch {
        return false
    }
}
