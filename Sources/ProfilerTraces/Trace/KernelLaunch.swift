/// A call of the host that launched work on the device.
public struct KernelLaunch: Hashable, Sendable {
    /// The start, in nanoseconds on the trace's own clock.
    public var start: Int64
    /// The duration in nanoseconds; at most 2^32 - 1, about four seconds.
    public var duration: UInt32
    /// The correlation number that the call shares with the work it launched.
    public var correlation: UInt32
    /// The index of the thread that made the call.
    public var thread: Int32

    /// Creates a call.
    package init(start: Int64, duration: UInt32, correlation: UInt32, thread: Int32) {
        self.start = start
        self.duration = duration
        self.correlation = correlation
        self.thread = thread
    }

    /// The time at which the call returned.
    public var end: Int64 { start + Int64(duration) }
}
