/// An error for a file of loads or of a placement that cannot be read.
public struct FileFormatError: Error, Hashable, CustomStringConvertible {
    /// One line with the position, the problem and the remedy.
    public let description: String

    init(_ description: String) { self.description = description }
}
