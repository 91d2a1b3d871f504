/// The purpose of an exchange within an expert-parallel group.
public enum ExchangeKind: String, Hashable, Sendable, CaseIterable, Codable {
    /// An all-gather of the number of tokens that each rank has for each expert.
    case counts
    /// An all-to-all that takes tokens to the ranks of their experts.
    case dispatch
    /// An all-to-all that takes tokens back from the ranks of their experts.
    case combine
    /// An all-to-all that takes the weights of experts to the ranks that fetch replicas for a micro-batch.
    case fetch
}
