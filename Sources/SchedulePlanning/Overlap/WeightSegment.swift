/// A weight gradient that a backward leaves for later: it computes, and nothing in the step waits for it.
public struct WeightSegment: Hashable, Sendable {
    /// What timelines call it, such as `experts`.
    public var name: String
    /// How long it computes, in nanoseconds.
    public var cost: Int64
    /// The segment of the backward that it belongs to, after which it may run; nil where it may from the start, as one
    /// that an earlier backward has left.
    public var after: Int?

    /// A weight gradient of the given segments.
    public init(_ name: String = "", cost: Int64, after: Int?) {
        self.name = name
        self.cost = cost
        self.after = after
    }
}
