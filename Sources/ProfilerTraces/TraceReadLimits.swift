/// The limits beyond which a trace is refused, so that a hostile file exhausts neither memory nor time.
public struct TraceReadLimits: Hashable, Sendable {
    /// The largest size of one event, in bytes.
    public var eventBytes: Int
    /// The largest decompressed size of a file, in bytes.
    public var unpackedBytes: Int64
    /// The largest ratio of a file's decompressed size to its compressed size. It is checked from 64 MiB on.
    public var unpackedRatio: Int64
    /// The largest number of events of a file that the analysis needs: work of devices, launches and ranges.
    public var events: Int
    /// The largest number of streams and threads with such events.
    public var lanes: Int
    /// The largest size of all distinct names and arguments of such events, in bytes.
    public var nameBytes: Int

    /// Creates limits. The defaults admit every trace that a profiler is known to write.
    public init(
        eventBytes: Int = 16 << 20, unpackedBytes: Int64 = 64 << 30, unpackedRatio: Int64 = 400,
        events: Int = 100_000_000, lanes: Int = 1 << 17, nameBytes: Int = 1 << 28
    ) {
        self.eventBytes = eventBytes
        self.unpackedBytes = unpackedBytes
        self.unpackedRatio = unpackedRatio
        self.events = events
        self.lanes = lanes
        self.nameBytes = nameBytes
    }
}
