/// A range that a program marked on a host thread, such as a profiler step or `dispatch(F)`.
public struct TraceAnnotation: Hashable, Sendable {
    /// The name that the program gave the range.
    public var name: String
    /// The start, in nanoseconds on the trace's own clock.
    public var start: Int64
    /// The duration in nanoseconds.
    public var duration: Int64
    /// The index of the thread that the range is on.
    public var thread: Int32

    /// Creates a range.
    package init(name: String, start: Int64, duration: Int64, thread: Int32) {
        self.name = name
        self.start = start
        self.duration = duration
        self.thread = thread
    }

    /// The end, in nanoseconds on the trace's own clock.
    public var end: Int64 { start + duration }

    /// The number of the profiler step, as in `ProfilerStep#3`; nil if the range is not a profiler step.
    public var step: Int? {
        guard name.hasPrefix("ProfilerStep#") else { return nil }
        return Int(name.dropFirst("ProfilerStep#".count))
    }
}
