/// The reason why a rank waits.
public enum WaitCause: Hashable, Sendable, Codable {
    /// Another stage has not sent an input of the next action.
    case stage
    /// An exchange of the expert-parallel group has not ended.
    case exchange(SegmentEvent, ExchangeKind?)
    /// The reduction of gradients has not ended, or the slowest rank has not reached it.
    case gradientReduction
}
