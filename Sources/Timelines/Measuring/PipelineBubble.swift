/// The idle time of a rank of a pipeline by its cause, in nanoseconds. The three causes sum to ``total``.
public struct PipelineBubble: Hashable, Sendable {
    /// The wait for another stage to compute an input, or for other ranks to finish their last actions.
    public var waiting: Int64 = 0
    /// The wait for an input that had been computed and was in transit.
    public var transfer: Int64 = 0
    /// The rest: idle time between actions that wait for no other rank, and idle time whose cause a trace does not
    /// record.
    public var other: Int64 = 0

    /// A bubble of length 0.
    public init() {}

    /// The sum of the three causes.
    public var total: Int64 { waiting + transfer + other }

    /// The sum of two bubbles, as over phases or ranks.
    public static func + (left: PipelineBubble, right: PipelineBubble) -> PipelineBubble {
        var sum = left
        for part in [\Self.waiting, \.transfer, \.other] { sum[keyPath: part] += right[keyPath: part] }
        return sum
    }
}
