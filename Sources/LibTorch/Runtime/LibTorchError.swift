import CLibTorch

/// libtorch refused an operation.
public struct LibTorchError: Error, Hashable, CustomStringConvertible {
    /// libtorch's own message.
    public let message: String
    /// Whether an operation among ranks failed: a peer has ended or the network has.
    public let isLostPeer: Bool

    package init(message: String, isLostPeer: Bool = false) {
        self.message = message
        self.isLostPeer = isLostPeer
    }

    /// libtorch's own message.
    public var description: String { message }
}

/// Throws the shim's last error where `status` says that a call failed.
@inline(__always)
package func check(_ status: Int32) throws(LibTorchError) {
    if status != 0 { throw LibTorchError(message: String(cString: ct_last_error())) }
}

/// The handle that `body` fills in.
@inline(__always)
package func made(_ body: (inout OpaquePointer?) -> Int32) throws(LibTorchError) -> OpaquePointer {
    var handle: OpaquePointer?
    try check(body(&handle))
    // A call that succeeds has filled it in.
    return handle.unsafelyUnwrapped
}
