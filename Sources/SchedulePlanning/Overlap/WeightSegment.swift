/// A deferred weight gradient of a backward. It computes, and nothing in the step waits for it.
public struct WeightSegment: Hashable, Sendable {
    /// The name of the weight gradient in timelines, such as `experts`.
    public var name: String
    /// The compute time, in nanoseconds.
    public var cost: Int64
    /// The index of the backward segment that the weight gradient belongs to and must follow; nil if it may run from
    /// the start, as a weight gradient of an earlier backward.
    public var after: Int?

    /// A weight gradient of the given cost, in nanoseconds, that must follow the given segment.
    public init(_ name: String = "", cost: Int64, after: Int?) {
        self.name = name
        self.cost = cost
        self.after = after
    }
}
