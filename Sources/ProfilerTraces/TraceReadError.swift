/// Why a trace could not be read, as one line: what, where, the limit and the remedy.
public struct TraceReadError: Error, Hashable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// What is wrong with it and what to do.
    public let reason: String

    /// The path and the reason.
    public var description: String { "\(path): \(reason)" }
}
