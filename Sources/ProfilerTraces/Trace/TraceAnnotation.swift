/// A range that a program marked on a host thread, such as a profiler step or `dispatch(F)`.
public struct TraceAnnotation: Hashable, Sendable {
    /// What the program called it.
    public var name: String
    /// Nanoseconds in the trace's own clock.
    public var start: Int64
    /// Nanoseconds.
    public var duration: Int64
    /// Index of the thread that it lies on.
    public var thread: Int32

    /// Nanoseconds at which the range closes.
    public var end: Int64 { start + duration }

    /// The number of the profiler step that the range is; nil where it is none.
    public var step: Int? {
        guard name.hasPrefix("ProfilerStep#") else { return nil }
        return Int(name.dropFirst("ProfilerStep#".count))
    }
}
