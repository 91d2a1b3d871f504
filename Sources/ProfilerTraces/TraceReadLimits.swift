/// The limits beyond which a trace is refused, so that a hostile file exhausts neither memory nor time.
public struct TraceReadLimits: Hashable, Sendable {
    /// The largest size of one event, in bytes.
    public var eventBytes: Int
    /// The largest decompressed size of a file, in bytes.
    public var unpackedBytes: Int64
    /// The largest ratio of a file's decompressed size to its compressed size. It is checked from 64 MiB on.
    public var unpackedRatio: Int64

    /// Creates limits. The defaults admit every trace that a profiler is known to write.
    public init(eventBytes: Int = 16 << 20, unpackedBytes: Int64 = 64 << 30, unpackedRatio: Int64 = 400) {
        self.eventBytes = eventBytes
        self.unpackedBytes = unpackedBytes
        self.unpackedRatio = unpackedRatio
    }
}
