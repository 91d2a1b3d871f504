/// The number of replicas that a plan adds and a proved bound for all plans.
public struct ReplicaCertificate: Hashable, Sendable {
    /// The number of replicas that the plan adds.
    public let replicas: Int
    /// A lower bound on the number of replicas of every plan in which no rank processes more tokens than the limit
    /// that the plan keeps: ``ReplicaPlan/tokenLimit``, or ``ReplicaPlan/largestTokens`` if it is larger.
    public let lowerBound: Int

    /// The number of replicas above the bound. With a gap of 0, no plan adds fewer replicas.
    public var gap: Int { replicas - lowerBound }
}
