import CLibTorch

/// The time at which a stream reaches a point of its work. A mark can be used again. On the CPU, it is a time of the
/// host's clock.
package final class Mark {
    package let handle: OpaquePointer

    package init() throws(LibTorchError) { handle = try made { ct_mark_new(&$0) } }

    deinit { ct_mark_free(handle) }

    /// Puts the mark behind the work that the current stream has so far.
    package func record() throws(LibTorchError) { try check(ct_mark_record(handle)) }

    /// Waits until the stream has reached the mark.
    package func synchronize() throws(LibTorchError) { try check(ct_mark_synchronize(handle)) }

    /// Returns the time from `origin` to this mark, in nanoseconds.
    ///
    /// - Throws: `LibTorchError` if a stream has not reached its mark.
    package func nanoseconds(since origin: Mark) throws(LibTorchError) -> Int64 {
        var result: Int64 = 0
        try check(ct_mark_since(handle, origin.handle, &result))
        return result
    }
}
