import CLibTorch

/// A copy of an int64 tensor's elements to the host that runs beside later work of the device.
package final class HostCopy {
    private let handle: OpaquePointer
    private let count: Int

    /// Starts the copy behind the work that the current stream has so far.
    package init(of tensor: Tensor) throws(LibTorchError) {
        count = tensor.elementCount
        handle = try made { ct_host_copy_new(tensor.handle, &$0) }
    }

    deinit { ct_host_copy_free(handle) }

    /// Waits for the copy, not for later work of the device, and returns the elements in row-major order.
    package func integers() throws(LibTorchError) -> [Int] {
        var values = [Int64](repeating: 0, count: count)
        try check(ct_host_copy_read(handle, &values))
        return values.map(Int.init)
    }
}
