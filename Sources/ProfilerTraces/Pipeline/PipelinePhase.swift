/// A part of a rank's way through a pipelined step.
public enum PipelinePhase: Int, Hashable, Sendable, CaseIterable {
    /// Until the rank's first way back begins.
    case warmUp
    /// From then on until its last way forwards is over.
    case steady
    /// What is left.
    case drain

    /// The phase as tables and files spell it.
    public var name: String { ["warm-up", "steady", "drain"][rawValue] }
}
