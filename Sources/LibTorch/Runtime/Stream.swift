import CLibTorch

/// A sequence of work that a device executes in the order in which it is issued.
///
/// Every thread has a current stream, on which its operations run. Work on two streams is ordered only by an ``Event``
/// between them. On the CPU, streams have no effect: they are numbers that a ``StreamTrace`` refers to.
package final class Stream {
    fileprivate let handle: OpaquePointer

    private init(handle: OpaquePointer) { self.handle = handle }

    /// Creates a stream of the calling thread's current device.
    ///
    /// - Parameter isUrgent: Whether the device prefers the stream's work to that of others.
    package convenience init(isUrgent: Bool = false) throws(LibTorchError) {
        self.init(handle: try made { ct_stream_new(isUrgent ? 1 : 0, &$0) })
    }

    deinit { ct_stream_free(handle) }

    /// The current stream of the calling thread.
    package static var current: Stream {
        get throws(LibTorchError) { Stream(handle: try made { ct_stream_current(&$0) }) }
    }

    /// Makes this the calling thread's current stream.
    package func makeCurrent() throws(LibTorchError) { try check(ct_stream_enter(handle)) }

    /// Runs `body` with this as the calling thread's current stream, after the work that precedes `event`.
    package func perform<Result>(after event: Event? = nil, _ body: () throws -> Result) throws -> Result {
        let before = try Self.current
        try check(ct_stream_enter(handle))
        // Cannot fail: the stream was current before.
        defer { ct_stream_enter(before.handle) }
        try event?.wait()
        return try body()
    }
}

extension Tensor {
    /// Has the memory reused only after the work that `stream` has when the tensor is freed. A tensor needs it if
    /// another stream than that of its allocation uses it.
    package func keep(for stream: Stream) throws(LibTorchError) { try check(ct_stream_keep(stream.handle, handle)) }
}
