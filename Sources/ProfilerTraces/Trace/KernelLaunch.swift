/// The host's call that put work on the device.
public struct KernelLaunch: Hashable, Sendable {
    /// Nanoseconds in the trace's own clock.
    public var start: Int64
    /// Nanoseconds; calls of more than four seconds count as four.
    public var duration: UInt32
    /// What links the call to the work it started.
    public var correlation: UInt32
    /// Index of the thread that made the call.
    public var thread: Int32

    /// When the call returned.
    public var end: Int64 { start + Int64(duration) }
}
