/// A replica that a plan adds for one micro-batch: the owner of the expert sends its weights to a free slot of another
/// rank.
public struct ReplicaFetch: Hashable, Sendable {
    /// The expert.
    public let expert: Int
    /// The rank that owns the expert and sends its weights.
    public let fromRank: Int
    /// The rank that receives the weights.
    public let toRank: Int
    /// The free slot that receives the weights, counted over all ranks.
    public let slot: Int
}
