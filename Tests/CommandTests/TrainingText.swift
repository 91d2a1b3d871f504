import Foundation
import TestSupport

/// Calls `body` with a temporary folder that has the file `text.txt` with 8,600 bytes of training data.
func withText(_ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
        let text = String(repeating: "To be, or not to be, that is the question.\n", count: 200)
        try Data(text.utf8).write(to: folder.appending(path: "text.txt"))
        try body(folder)
    }
}
