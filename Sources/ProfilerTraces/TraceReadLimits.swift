/// How much a trace may ask for before it is refused, so that a hostile file costs neither memory nor hours.
public struct TraceReadLimits: Hashable, Sendable {
    /// The longest single event, in bytes.
    public var eventBytes: Int
    /// The most bytes that a compressed file may unpack to.
    public var unpackedBytes: Int64
    /// How many times its own size a compressed file may unpack to, once it has unpacked 64 MiB.
    public var unpackedRatio: Int64

    /// Limits; the defaults admit every trace a profiler is known to write.
    public init(eventBytes: Int = 16 << 20, unpackedBytes: Int64 = 64 << 30, unpackedRatio: Int64 = 400) {
        self.eventBytes = eventBytes
        self.unpackedBytes = unpackedBytes
        self.unpackedRatio = unpackedRatio
    }
}
