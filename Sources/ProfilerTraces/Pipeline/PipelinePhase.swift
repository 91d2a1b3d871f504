/// A phase of a rank's part in a pipelined step.
public enum PipelinePhase: Int, Hashable, Sendable, CaseIterable {
    /// The time until the rank's first backward starts.
    case warmUp
    /// The time from the first backward's start until the last forward's end.
    case steady
    /// The time after the last forward's end.
    case drain

    /// The name of the phase in tables and files.
    public var name: String { ["warm-up", "steady", "drain"][rawValue] }
}
