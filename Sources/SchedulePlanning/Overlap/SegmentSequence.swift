/// The segments of one action, which always run in this order.
public struct SegmentSequence: Hashable, Sendable {
    /// The segments, first to last.
    public var segments: [PassSegment]
    /// The exchanges that the action's result reads, by index: the step does not end before they have. One that another
    /// segment reads anyway need not be here.
    public var resultReads: [Int]

    /// A sequence of the given segments; none for a step that has no such action.
    public init(_ segments: [PassSegment] = [], resultReads: [Int] = []) {
        self.segments = segments
        self.resultReads = resultReads
    }
}
