/// A tensor as a file of weights keeps it, and the part of a parameter that it holds.
public struct StoredTensor: Hashable, Sendable {
    /// Its name in the file.
    public let name: String
    /// The part, along the first dimension, of the parameter, or of one of its routed experts.
    public let rows: Range<Int>
    /// Whether the same numbers are kept under another name as well, for programs that look for them here.
    public let isCopy: Bool

    /// A tensor of the given parts.
    public init(_ name: String, rows: Range<Int>, isCopy: Bool = false) {
        self.name = name
        self.rows = rows
        self.isCopy = isCopy
    }
}
