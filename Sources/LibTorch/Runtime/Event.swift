import CLibTorch

/// A point in the work of a stream, for which other streams can wait.
package final class Event {
    private let handle: OpaquePointer

    private init(handle: OpaquePointer) { self.handle = handle }

    deinit { ct_event_free(handle) }

    /// The point behind the work that the current stream has so far.
    package static func record() throws(LibTorchError) -> Event {
        Event(handle: try made { ct_event_record(&$0) })
    }

    /// Makes the current stream wait for the point. The caller continues at once.
    package func wait() throws(LibTorchError) { try check(ct_event_wait(handle)) }
}
