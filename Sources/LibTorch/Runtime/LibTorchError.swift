import CLibTorch

/// A failure of a libtorch operation.
public struct LibTorchError: Error, Hashable, CustomStringConvertible {
    /// libtorch's own message.
    public let message: String
    /// Whether the failed operation was one among ranks, which fails if a peer process exits or the network fails.
    public let isLostPeer: Bool

    package init(message: String, isLostPeer: Bool = false) {
        self.message = message
        self.isLostPeer = isLostPeer
    }

    /// libtorch's own message.
    public var description: String { message }
}

/// Throws the shim's last error if `status` is not 0.
@inline(__always)
package func check(_ status: Int32) throws(LibTorchError) {
    if status != 0 { throw LibTorchError(message: String(cString: ct_last_error())) }
}

/// Returns the handle that `body` stores, and throws the shim's last error if `body` does not return 0.
@inline(__always)
package func made(_ body: (inout OpaquePointer?) -> Int32) throws(LibTorchError) -> OpaquePointer {
    var handle: OpaquePointer?
    try check(body(&handle))
    // A call that succeeds has stored a handle.
    return handle.unsafelyUnwrapped
}
