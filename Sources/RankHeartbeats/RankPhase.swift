/// The part of a run that a rank is in.
package enum RankPhase: UInt8, Hashable, Sendable, CaseIterable, Codable {
    /// The rank reads its data, meets the other ranks and creates or loads its parameters.
    case start
    /// The rank trains its first step, which allocates memory and compiles kernels.
    case firstStep
    case training
    case validation
    /// The rank saves a checkpoint or a recording.
    case saving
    /// The rank has trained its last step, and saves the weights and the report.
    case end
    /// The rank has done everything. Its process may end.
    case done

    /// The time that one operation may take while other ranks wait for it, in multiples of the age at which a heartbeat
    /// counts as missing. An operation that took longer before may take ten times as long as it took.
    package var budget: Int {
        switch self {
        case .training: 1
        case .validation: 4
        case .firstStep: 20
        case .start, .saving, .end, .done: 40
        }
    }

    /// The phase in messages, with a preposition.
    var text: String {
        switch self {
        case .start: "at the start"
        case .firstStep: "in the first step"
        case .training: "in training"
        case .validation: "in validation"
        case .saving: "while saving"
        case .end, .done: "at the end"
        }
    }
}
