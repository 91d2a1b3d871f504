/// One thing that happened: from when, for how long, where and what. 24 bytes.
@frozen public struct TimeSpan: Hashable, Sendable {
    /// Nanoseconds from the timeline's origin.
    public var start: Int64
    /// Nanoseconds; never negative.
    public var duration: Int64
    /// Index into ``Timeline/lanes``.
    public var lane: Int32
    /// Index into ``Timeline/events``.
    public var event: Int32

    /// A span of `duration` nanoseconds on a lane, of an event.
    @inlinable public init(start: Int64, duration: Int64, lane: Int32, event: Int32) {
        self.start = start
        self.duration = duration
        self.lane = lane
        self.event = event
    }

    /// Nanoseconds from the timeline's origin to the span's end.
    @inlinable public var end: Int64 { start + duration }

    /// The span as a half-open interval, in nanoseconds.
    @inlinable public var interval: Range<Int64> { start..<start + duration }
}
