package import Foundation

/// A file that is read as a whole, such as a description of a model.
package enum SmallFile {
    /// The largest size, in bytes.
    static let byteLimit = 8 << 20

    /// Returns the contents of a file.
    ///
    /// - Throws: ``RecipeError`` if the file is too large, a Cocoa error if it cannot be read.
    package static func contents(_ path: String) throws -> Data {
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? file.close() }
        let data = try file.read(upToCount: byteLimit + 1) ?? Data()
        guard data.count <= byteLimit else {
            throw RecipeError("it has more than \(byteLimit) bytes: give a smaller file")
        }
        return data
    }
}
