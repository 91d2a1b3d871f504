import CLibTorch

/// A trace to which several threads can add the steps of their streams.
///
/// Sendable, because the handle is constant and a lock of the trace guards its steps.
package final class StreamRecording: @unchecked Sendable {
    private let handle: OpaquePointer

    package init() throws(LibTorchError) { handle = try made { ct_trace_new(&$0) } }

    deinit { ct_trace_free(handle) }

    /// Runs `body`, and records the steps of the calling thread's streams.
    package func adding<Result>(_ body: () throws -> Result) throws -> Result {
        try check(ct_trace_enter(handle))
        // Cannot fail: the record has started.
        defer { ct_trace_leave() }
        return try body()
    }

    /// Returns the steps so far.
    package func trace() throws(LibTorchError) -> StreamTrace {
        var trace = StreamTrace()
        try check(
            withUnsafeMutablePointer(to: &trace) { trace in
                ct_trace_visit(
                    handle,
                    { context, kind, thread, stream, object, name in
                        guard let context, let name, let kind = StreamTrace.Kind(rawValue: kind) else { return }
                        context.assumingMemoryBound(to: StreamTrace.self).pointee.steps.append(
                            StreamTrace.Step(
                                kind, thread: Int(thread), stream: Int(stream), Int(object), String(cString: name)))
                    }, trace)
            })
        return trace
    }
}
