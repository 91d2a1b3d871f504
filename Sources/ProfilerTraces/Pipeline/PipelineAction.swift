import Timelines

/// One action of a pipeline's schedule as a rank ran it. Times are nanoseconds in the trace's own clock.
public struct PipelineAction: Hashable, Sendable {
    /// What was done for a micro-batch.
    public enum Kind: Hashable, Sendable {
        /// The way forwards through a stage.
        case forward
        /// The whole way back.
        case backward
        /// The part of it that the stage before waits for.
        case inputGradient
        /// The part of it that nobody waits for.
        case weightGradient
    }

    /// What was done.
    public var kind: Kind
    /// The stage, as the schedule numbers it.
    public var stage: Int
    /// The micro-batch, as its chain numbers it.
    public var microbatch: Int
    /// When it began.
    public var start: Int64 = 0
    /// How long it took.
    public var duration: Int64 = 0
    /// When what the next stage needs of it was there, where that is known to be before its end.
    public var ready: Int64?

    /// The action that a label names in PyTorch's grammar, `<stage><kind><micro-batch>`; nil where it names none.
    init?(_ label: TimelineLabel) {
        guard let stage = label.stage, let microbatch = label.microbatch,
            label.activity == .compute, let letter = label.name.first(where: { !$0.isNumber }),
            label.name == "\(stage)\(letter)\(microbatch)"
        else { return nil }
        switch letter {
        case "F": kind = .forward
        case "B": kind = .backward
        case "I": kind = .inputGradient
        case "W": kind = .weightGradient
        default: return nil
        }
        self.stage = stage
        self.microbatch = microbatch
    }

    /// From its start to its end.
    public var interval: Range<Int64> { start..<start + duration }

    /// Whether it is a part of the way back that the stage before waits for.
    var isGradient: Bool { kind == .backward || kind == .inputGradient }

    /// The action in PyTorch's grammar.
    public var name: String {
        let letter =
            switch kind {
            case .forward: "F"
            case .backward: "B"
            case .inputGradient: "I"
            case .weightGradient: "W"
            }
        return "\(stage)\(letter)\(microbatch)"
    }
}
