/// An error for a file of loads or of a placement that cannot be read.
public struct FileFormatError: Error, Hashable, CustomStringConvertible {
    /// One line with the position, the problem and the remedy.
    public let description: String

    /// Creates an error. Line breaks, which may come from the file, become spaces.
    init(_ description: String) { self.description = String(description.map { $0.isNewline ? " " : $0 }) }
}
