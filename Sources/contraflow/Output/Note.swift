import Foundation

/// Writes one line of prose to standard error.
func note(_ text: String) {
    writeError(text + "\n")
}

/// Writes prose to standard error.
///
/// - Returns: false where nobody can read it any more.
@discardableResult
func writeError(_ text: String) -> Bool {
    do {
        try FileHandle.standardError.write(contentsOf: Data(text.utf8))
        return true
    } catch {
        return false
    }
}
