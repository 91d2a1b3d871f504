/// The replicas that one layer adds for one micro-batch, and the tokens that each slot processes.
public struct ReplicaPlan: Hashable, Sendable {
    /// The added replicas, by expert, then by rank.
    public let fetches: [ReplicaFetch]
    /// The tokens of each slot with tokens, by expert, then by slot.
    public let shares: [ReplicaShare]
    /// The tokens that each rank processes.
    public let rankTokens: [Int]
    /// The tokens that a rank may process according to the slack.
    public let tokenLimit: Int
    /// The number of added replicas and a bound on it.
    public let certificate: ReplicaCertificate

    /// The tokens of the rank with the most tokens. O(ranks).
    public var largestTokens: Int { rankTokens.max() ?? 0 }
    /// Whether no rank exceeds ``tokenLimit``. If the free slots do not allow the limit, the plan has the least maximum
    /// that the planner finds. O(ranks).
    public var isWithinLimit: Bool { largestTokens <= tokenLimit }
    /// The largest number of replicas that one rank sends. O(replicas + ranks).
    public var largestSent: Int {
        var sent = [Int](repeating: 0, count: rankTokens.count)
        for fetch in fetches { sent[fetch.fromRank] += 1 }
        return sent.max() ?? 0
    }
}
