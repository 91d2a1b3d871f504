/// The parts of one action, which always run in this order.
public struct WeaveSequence: Hashable, Sendable {
    /// The parts, first to last.
    public var parts: [WeavePart]
    /// The exchanges that the action's result reads, by index: the step does not end before they have. One that another part
    /// reads anyway need not be here.
    public var resultReads: [Int]

    /// A sequence of the given parts; none for a step that has no such action.
    public init(_ parts: [WeavePart] = [], resultReads: [Int] = []) {
        self.parts = parts
        self.resultReads = resultReads
    }
}
