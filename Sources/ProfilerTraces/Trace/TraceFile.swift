/// The file that a trace was read from.
public struct TraceFile: Hashable, Sendable {
    /// The path of the file.
    public var path = ""
    /// Whether the file states its rank.
    public var statesRank = false
    /// The number of events in the file.
    public var eventCount = 0
    /// The size of the JSON text in bytes, after decompression.
    public var byteCount: Int64 = 0
    /// Whether the file ends before its JSON text or its compressed stream does. The events before the end were read.
    public var isTruncated = false
    /// The number of events that could not be read, as those in which a quote is not escaped.
    public var unreadableEvents = 0
    /// The number of device events that were dropped.
    ///
    /// Events are dropped if they lack a start, a duration or a name, or if their times are impossible: a negative
    /// duration, a start more than 208 days from the median start, or durations of more than 417 days in total.
    public var droppedEvents = 0
}
