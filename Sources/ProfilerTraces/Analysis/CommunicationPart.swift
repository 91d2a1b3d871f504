import Timelines

/// What one kernel, stream, group or range has to do with communication. All times are nanoseconds.
public struct CommunicationPart: Hashable, Sendable {
    /// What the part is of.
    public var name: String
    /// Pieces of work.
    public var count = 0
    /// Its share of the time in which communication runs; the shares of all parts sum to the whole.
    public var time: Int64 = 0
    /// Its share of the exposed time; the shares of all parts sum to the whole.
    public var exposed: Int64 = 0
    /// The sum of its lengths, which is more than ``time`` where pieces run at once.
    public var length: Int64 = 0
    /// Bytes, where the trace says how many each piece moves.
    public var bytes: Int64?
    /// Bytes a second over the slowest link, where the trace has what it takes, after NCCL's tests.
    public var busBandwidth: Double?
    /// When its piece with the largest exposed share began, in the trace's own clock; nil where none is exposed.
    public var worstStart: Int64?
    /// That piece's exposed share.
    public var worstExposed: Int64 = 0

    /// The hidden part, 0 to 1; nil where the part has no time of its own.
    public var hiddenShare: Double? { TimeBreakdown.hiddenShare(time - exposed, of: time) }
}
