/// The reason why a trace could not be read, in one line: the position, the limit and the remedy.
public struct TraceReadError: Error, Hashable, CustomStringConvertible {
    /// The path of the file.
    public let path: String
    /// The problem and the remedy.
    public let reason: String

    /// The path and the reason.
    public var description: String { "\(path): \(reason)" }
}
