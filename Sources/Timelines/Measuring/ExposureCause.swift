/// The communication that a rank waits for within its step, other than another stage.
public enum ExposureCause: Int, CaseIterable, Sendable {
    /// The exchange of counts.
    case counts
    /// The dispatch of tokens in a forward.
    case dispatchForward
    /// The way of gradients back through a dispatch.
    case dispatchBackward
    /// The combine of tokens in a forward.
    case combineForward
    /// The way of gradients back through a combine.
    case combineBackward
    /// The sums of gradients.
    case gradientSums

    /// The cause as metrics and reports spell it.
    public var name: String {
        [
            "counts", "dispatch forward", "dispatch backward", "combine forward", "combine backward", "gradient sums",
        ][rawValue]
    }

    /// The cause that an event of communication stands for; nil if it stands for none.
    public init?(_ event: TimelineEvent) {
        switch event {
        case .exchange(_, .counts): self = .counts
        case .exchange(let segment, .dispatch): self = segment.pass == .forward ? .dispatchForward : .dispatchBackward
        case .exchange(let segment, .combine): self = segment.pass == .forward ? .combineForward : .combineBackward
        case .gradientReduction: self = .gradientSums
        default: return nil
        }
    }
}
