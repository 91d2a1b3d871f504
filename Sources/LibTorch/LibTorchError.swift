import CLibTorch

/// libtorch refused an operation.
public struct LibTorchError: Error, Hashable, CustomStringConvertible {
    /// libtorch's own message.
    public let message: String

    /// libtorch's own message.
    public var description: String { message }
}

/// Throws the shim's last error where `status` says that a call failed.
@inline(__always)
func check(_ status: Int32) throws(LibTorchError) {
    if status != 0 { throw LibTorchError(message: String(cString: ct_last_error())) }
}

/// The version of libtorch that is linked, such as `2.13.0`.
public var libTorchVersion: String { String(cString: ct_version()) }
