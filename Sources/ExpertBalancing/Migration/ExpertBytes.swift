/// The sizes of the parts of one expert, in bytes.
public struct ExpertBytes: Hashable, Sendable {
    /// The weights of one replica: 2 or 4 bytes per parameter.
    public var weights: Int
    /// The master weights and the optimizer's moments, such as 12 bytes per parameter.
    public var state: Int

    /// Creates sizes.
    public init(weights: Int = 0, state: Int = 0) {
        self.weights = weights
        self.state = state
    }

    /// The bytes of a copy with the given content.
    public subscript(content: ExpertCopy.Content) -> Int {
        (content.contains(.weights) ? weights : 0) + (content.contains(.state) ? state : 0)
    }
}
