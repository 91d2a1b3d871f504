/// The segments of one action, which always run in this order.
public struct SegmentSequence: Hashable, Sendable {
    /// The segments, first to last.
    public var segments: [PassSegment]
    /// The exchanges that the action's result reads, by index. The step does not end before them. An exchange that
    /// another segment reads need not be listed.
    public var resultReads: [Int]

    /// A sequence of the given segments; an empty one for a step without such an action.
    public init(_ segments: [PassSegment] = [], resultReads: [Int] = []) {
        self.segments = segments
        self.resultReads = resultReads
    }
}
