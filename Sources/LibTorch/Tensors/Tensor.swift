import CLibTorch

/// A handle to one of libtorch's tensors, with reference semantics as in PyTorch.
///
/// Operations return new handles and throw ``LibTorchError`` with libtorch's own message. A tensor is used by one
/// thread at a time, so it is not `Sendable`. New tensors are created on the thread's current ``Device``.
public final class Tensor {
    package let handle: OpaquePointer

    /// Takes ownership of `handle`, which is freed with the last reference.
    package init(handle: OpaquePointer) { self.handle = handle }

    package convenience init(_ body: (inout OpaquePointer?) -> Int32) throws(LibTorchError) {
        self.init(handle: try made(body))
    }

    deinit { ct_tensor_free(handle) }

    /// The sizes of the tensor's dimensions.
    public var shape: [Int] {
        let rank = Int(ct_rank(handle))
        return [Int](unsafeUninitializedCapacity: rank) { buffer, count in
            buffer.withMemoryRebound(to: Int64.self) { ct_sizes(handle, $0.baseAddress) }
            count = rank
        }
    }

    /// The number of elements.
    public var elementCount: Int { Int(ct_element_count(handle)) }

    /// The number of bytes of the elements.
    public var byteCount: Int { Int(ct_byte_count(handle)) }

    /// The device that holds the elements.
    public var device: Device { Device(number: ct_device(handle)) }

    /// The type of the elements.
    public var type: ElementType {
        get throws {
            var number: Int32 = 0
            try check(ct_type(handle, &number))
            // ElementType has the numbers of the shim.
            return ElementType(rawValue: number).unsafelyUnwrapped
        }
    }
}
