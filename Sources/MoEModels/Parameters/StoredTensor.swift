/// A tensor in a weight file, and the part of a parameter that it stores.
public struct StoredTensor: Hashable, Sendable {
    /// The tensor's name in the file.
    public let name: String
    /// The rows, along the first dimension, of the parameter or of one of its routed experts.
    public let rows: Range<Int>
    /// Whether the tensor duplicates rows that another tensor stores, for programs that expect them under this name.
    public let isCopy: Bool

    /// Creates a stored tensor from its parts.
    public init(_ name: String, rows: Range<Int>, isCopy: Bool = false) {
        self.name = name
        self.rows = rows
        self.isCopy = isCopy
    }
}
