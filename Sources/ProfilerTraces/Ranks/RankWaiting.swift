/// What one rank has to do with the waiting in the run's collectives. All times are nanoseconds.
public struct RankWaiting: Hashable, Sendable {
    /// The rank.
    public var rank: Int
    /// How long it waited in collectives that others had not begun.
    public var waited: Int64 = 0
    /// How long its collectives ran once all had begun.
    public var transferred: Int64 = 0
    /// How often it was the last to begin.
    public var timesLast = 0
    /// How long others waited, in sum, where it was the last.
    public var keptOthers: Int64 = 0
}
