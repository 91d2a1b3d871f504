/// An event on a lane, with its start and duration. 24 bytes.
@frozen public struct TimeSpan: Hashable, Sendable {
    /// The start, in nanoseconds from the timeline's origin.
    public var start: Int64
    /// The duration in nanoseconds; never negative.
    public var duration: Int64
    /// The index of the lane in ``Timeline/lanes``.
    public var lane: Int32
    /// The index of the event in ``Timeline/events``.
    public var event: Int32

    /// A span of an event on a lane, of `duration` nanoseconds.
    @inlinable public init(start: Int64, duration: Int64, lane: Int32, event: Int32) {
        self.start = start
        self.duration = duration
        self.lane = lane
        self.event = event
    }

    /// The end, in nanoseconds from the timeline's origin.
    @inlinable public var end: Int64 { start + duration }

    /// The span as a half-open interval, in nanoseconds.
    @inlinable public var interval: Range<Int64> { start..<start + duration }
}
