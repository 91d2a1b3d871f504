/// The reason why a rank waits.
public enum WaitCause: Hashable, Sendable, Codable {
    /// Another stage has not sent what the next action needs.
    case stage
    /// An exchange of the expert-parallel group is not over.
    case exchange(SegmentEvent, ExchangeKind?)
    /// The sums of gradients are not over, or the slowest rank has not come to them.
    case gradientReduction
}
