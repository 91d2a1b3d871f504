/// The waiting of one rank in the run's collectives, and the waiting that the rank caused. All times are nanoseconds.
public struct RankWaiting: Hashable, Sendable {
    /// The rank.
    public var rank: Int
    /// The number of the rank's collectives that were matched with those of all other ranks that take part.
    public var matched = 0
    /// The number of the rank's collectives without a certain partner, which are not part of the times.
    public var unmatched = 0
    /// The time that the rank waited in collectives that other ranks had not started.
    public var waited: Int64 = 0
    /// The time that the rank's collectives ran after all ranks had started.
    public var transferred: Int64 = 0
    /// The number of collectives that the rank was the last to start.
    public var stragglerCount = 0
    /// The sum of the other ranks' waiting in those collectives.
    public var causedWait: Int64 = 0
}
