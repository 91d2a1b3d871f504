package import Foundation

/// Calls `body` with a new empty folder, and removes the folder afterwards.
package func withTemporaryFolder<Value>(_ body: (URL) throws -> Value) throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "contraflow-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}

/// Calls `body` with the path of a new file that holds `bytes`, and removes the file afterwards.
package func withTemporaryFile<Value>(_ bytes: [UInt8], _ body: (String) throws -> Value) throws -> Value {
    try withTemporaryFolder { folder in
        let file = folder.appending(path: "file")
        try Data(bytes).write(to: file)
        return try body(file.path)
    }
}

/// Calls `body` with the path of a new file that holds `text`, and removes the file afterwards.
package func withTemporaryFile<Value>(_ text: String, _ body: (String) throws -> Value) throws -> Value {
    try withTemporaryFile(Array(text.utf8), body)
}
