package import PipelineSchedules
package import Timelines

/// The kinds of spans and bands that a page's timeline tells apart by colour: ``Palette`` has a colour for each.
package enum PlotKind: String, CaseIterable, Sendable {
    case compute
    case communication
    case memory
    case transfer
    case wait
    /// Communication while nothing computes.
    case exposed
    case forward
    case backward
    case inputGradient
    case weightGradient

    /// The kind of work of a class.
    package init(_ activity: ActivityClass) { self = Self(rawValue: activity.name) ?? .compute }

    /// The kind of an action that computes; nil for the others.
    package init?(_ action: ActionKind) {
        switch action {
        case .forward: self = .forward
        case .backward: self = .backward
        case .inputGradient: self = .inputGradient
        case .weightGradient: self = .weightGradient
        default: return nil
        }
    }
}
