/// The tokens of one expert that one slot processes.
public struct ReplicaShare: Hashable, Sendable {
    /// The expert.
    public let expert: Int
    /// The slot, counted over all ranks. The slot holds the expert in the placement or receives it by a fetch.
    public let slot: Int
    /// The tokens, at least 1.
    public let tokens: Int
}
