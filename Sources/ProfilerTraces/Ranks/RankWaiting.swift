/// The waiting of one rank in the run's collectives, and the waiting that it caused. All times are nanoseconds.
public struct RankWaiting: Hashable, Sendable {
    /// The rank.
    public var rank: Int
    /// The time that it waited in collectives that others had not begun.
    public var waited: Int64 = 0
    /// The time that its collectives ran once all ranks had begun.
    public var transferred: Int64 = 0
    /// The number of collectives that it was the last to begin.
    public var stragglerCount = 0
    /// The sum of the others' waiting in those collectives.
    public var causedWait: Int64 = 0
}
