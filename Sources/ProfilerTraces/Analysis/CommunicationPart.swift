import Timelines

/// The communication of one kernel family, stream, process group or range. All times are nanoseconds.
public struct CommunicationPart: Hashable, Sendable {
    /// The name of the family, stream, group or range.
    public var name: String
    /// The number of operations.
    public var count = 0
    /// The time in which an operation of the part runs. Parts that run at the same time sum to more than the time in which
    /// communication runs.
    public var time: Int64 = 0
    /// The part of ``time`` in which no computation runs.
    public var exposed: Int64 = 0
    /// The sum of the operations' durations, which exceeds ``time`` if operations run concurrently.
    public var length: Int64 = 0
    /// The sum of the operations' sizes in bytes; nil if the trace lacks the size of an operation.
    public var bytes: Int64?
    /// The bus bandwidth in bytes per second, as defined in nccl-tests; nil if ``bytes`` or the size of a group is not
    /// known.
    public var busBandwidth: Double?
    /// The start of the operation with the longest exposed time, on the trace's own clock; nil if no operation is
    /// exposed.
    public var worstStart: Int64?
    /// The exposed time of that operation.
    public var worstExposed: Int64 = 0

    /// The hidden share of ``time``, 0 to 1; nil if ``time`` is 0.
    public var hiddenShare: Double? { TimeBreakdown.hiddenShare(time - exposed, of: time) }
}
