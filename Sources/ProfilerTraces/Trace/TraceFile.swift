/// The file that a trace was read from.
public struct TraceFile: Hashable, Sendable {
    /// The path.
    public var path = ""
    /// Whether the file states its rank.
    public var statesRank = false
    /// The number of events in the file.
    public var eventCount = 0
    /// Bytes of JSON.
    public var byteCount: Int64 = 0
    /// Whether the file ends before its JSON or its packing does; the events before that end were read.
    public var isTruncated = false
    /// The number of events of the device that were dropped: those that lack a start or a length, or have a negative
    /// one.
    public var droppedEvents = 0
}
