/// Why a rank of a pipeline did nothing. Nanoseconds; the three sum to the whole.
public struct PipelineBubble: Hashable, Sendable {
    /// What another stage had to compute first, or the others' last actions, was waited for.
    public var waiting: Int64 = 0
    /// It had been computed and was on its way.
    public var transfer: Int64 = 0
    /// Neither: what lies between actions that wait for no other rank, or what a trace does not tell.
    public var other: Int64 = 0

    /// No bubble.
    public init() {}

    /// All of it.
    public var total: Int64 { waiting + transfer + other }

    /// The sum of two, as over phases or ranks.
    public static func + (left: PipelineBubble, right: PipelineBubble) -> PipelineBubble {
        var sum = left
        for part in [\Self.waiting, \.transfer, \.other] { sum[keyPath: part] += right[keyPath: part] }
        return sum
    }
}
