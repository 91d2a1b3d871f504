/// What a rank waits for within its step, other than another stage.
public enum ExposureCause: Int, CaseIterable, Sendable {
    /// How many rows each rank has for each expert.
    case counts
    /// Tokens on their way to their experts.
    case dispatchForward
    /// Gradients on the way back from experts.
    case dispatchBackward
    /// Tokens on their way back from experts.
    case combineForward
    /// Gradients on their way to experts.
    case combineBackward
    /// The sums of gradients, and with them the slowest rank.
    case gradientSums

    /// As people read it.
    public var name: String {
        switch self {
        case .counts: "counts"
        case .dispatchForward: "dispatch forward"
        case .dispatchBackward: "dispatch backward"
        case .combineForward: "combine forward"
        case .combineBackward: "combine backward"
        case .gradientSums: "gradient sums"
        }
    }
}
