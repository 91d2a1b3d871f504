public import PipelineActions

/// The meaning of a span: producers and consumers of a timeline share this type, and a name is for people alone.
public enum TimelineEvent: Hashable, Sendable, Codable {
    /// An action of a schedule. Two actions with one extent on one lane are an overlapped pair.
    case action(Action)
    /// A segment that computes, in a forward, backward or weight pass.
    case segment(SegmentEvent)
    /// An exchange of a kind in a pass, from its start until it is over; nil if the kind is not known.
    case exchange(SegmentEvent, ExchangeKind?)
    /// The sum of gradients over the ranks that hold the same parameters, from its start until it is over.
    case gradientReduction
    /// A wait with its cause.
    case wait(WaitCause)
    /// A kernel, a copy or another activity that a profiler names, with its class.
    case kernel(String, ActivityClass)

    /// The text that people read, such as `0F4`, `attention F` or `ncclDevKernel_AllReduce`.
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

    /// The action, if the event is one.
    public var action: Action? { if case .action(let action) = self { action } else { nil } }

    /// The segment that computes, is exchanged or is waited for, if there is one.
    public var segment: SegmentEvent? {
        switch self {
        case .segment(let segment), .exchange(let segment, _), .wait(.exchange(let segment, _)): segment
        default: nil
        }
    }
}
