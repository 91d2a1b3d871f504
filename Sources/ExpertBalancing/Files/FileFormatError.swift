/// A file of loads or of a placement that cannot be read.
public struct FileFormatError: Error, Hashable, CustomStringConvertible {
    /// One line: where, what, and what to do.
    public let description: String

    init(_ description: String) { self.description = description }
}
