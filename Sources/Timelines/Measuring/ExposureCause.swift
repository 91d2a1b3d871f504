/// The kind of communication that a rank waits for within a step, other than transfers between stages.
public enum ExposureCause: Int, CaseIterable, Sendable {
    /// The exchange of counts.
    case counts
    /// The dispatch of tokens in a forward.
    case dispatchForward
    /// The exchange that takes gradients back through a dispatch.
    case dispatchBackward
    /// The combine of tokens in a forward.
    case combineForward
    /// The exchange that takes gradients back through a combine.
    case combineBackward
    /// The exchange of the weights of replicas that are fetched for a micro-batch.
    case fetch
    /// The reduction of gradients.
    case gradientSums

    /// The cause's name in metrics and reports.
    public var name: String {
        [
            "counts", "dispatch forward", "dispatch backward", "combine forward", "combine backward",
            "fetch of experts",
            "gradient sums",
        ][rawValue]
    }

    /// The cause for an event of communication; nil for other events.
    public init?(_ event: TimelineEvent) {
        switch event {
        case .exchange(_, .counts): self = .counts
        case .exchange(let segment, .dispatch): self = segment.pass == .forward ? .dispatchForward : .dispatchBackward
        case .exchange(let segment, .combine): self = segment.pass == .forward ? .combineForward : .combineBackward
        case .exchange(_, .fetch): self = .fetch
        case .gradientReduction: self = .gradientSums
        default: return nil
        }
    }
}
