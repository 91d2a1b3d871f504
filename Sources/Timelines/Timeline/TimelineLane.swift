/// One row of a timeline: a stream, a thread or a role of one rank.
public struct TimelineLane: Hashable, Sendable {
    /// The rank that the lane belongs to.
    public var rank: Int
    /// The name of the lane, such as `compute` or `stream 7`.
    public var name: String

    /// A lane of `rank`.
    public init(rank: Int, name: String) {
        self.rank = rank
        self.name = name
    }
}
