public import PipelineActions

/// The meaning of a span. Producers and consumers of a timeline share this type; names are for display only.
public enum TimelineEvent: Hashable, Sendable, Codable {
    /// An action of a schedule. Two actions with the same extent on the same lane are an overlapped pair.
    case action(Action)
    /// A segment that computes, in a forward, backward or weight pass.
    case segment(SegmentEvent)
    /// An exchange in a pass, from its start to its end. The kind is nil if it is unknown.
    case exchange(SegmentEvent, ExchangeKind?)
    /// The reduction of gradients over the ranks that hold the same parameters, from its start to its end.
    case gradientReduction
    /// A wait with its cause.
    case wait(WaitCause)
    /// A kernel, a copy or another activity that a profiler names, with its class.
    case kernel(String, ActivityClass)

    /// The text for display, such as `0F4`, `attention F` or `ncclDevKernel_AllReduce`.
    public var name: String {
        switch self {
        case .action(let action): action.description
        case .segment(let segment), .exchange(let segment, _), .wait(.exchange(let segment, _)):
            "\(segment.name) \(segment.pass.symbol)"
        case .gradientReduction, .wait(.gradientReduction): "gradients"
        case .wait(.stage): "receive"
        case .kernel(let name, _): name
        }
    }

    /// The class of work that the event counts as.
    public var activity: ActivityClass {
        switch self {
        case .action(let action): action.kind.isTransfer ? .transfer : .compute
        case .segment: .compute
        case .exchange, .gradientReduction: .communication
        case .wait: .wait
        case .kernel(_, let activity): activity
        }
    }

    /// The action, if the event is an action.
    public var action: Action? { if case .action(let action) = self { action } else { nil } }

    /// The segment that the event computes, exchanges or waits for; nil for other events.
    public var segment: SegmentEvent? {
        switch self {
        case .segment(let segment), .exchange(let segment, _), .wait(.exchange(let segment, _)): segment
        default: nil
        }
    }
}
