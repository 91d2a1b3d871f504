import CLibTorch

/// A handle to one of libtorch's tensors, with reference semantics as in PyTorch.
public final class Tensor {
    let handle: OpaquePointer

    /// Takes over `handle`, which is freed with the last reference.
    init(handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        ct_tensor_free(handle)
    }

    /// A float64 tensor of the given values.
    ///
    /// - Parameters:
    ///   - values: The elements, the last dimension fastest.
    ///   - shape: The sizes, whose product is the number of values.
    /// - Throws: ``LibTorchError``.
    public convenience init(_ values: [Double], shape: [Int]) throws(LibTorchError) {
        precondition(shape.reduce(1, *) == values.count, "\(values.count) values do not fill the shape \(shape)")
        var handle: OpaquePointer?
        try check(ct_tensor_from_doubles(values, shape.map(Int64.init), Int64(shape.count), &handle))
        self.init(handle: handle.unsafelyUnwrapped)
    }

    /// The sizes of the tensor's dimensions.
    public func shape() throws(LibTorchError) -> [Int] {
        var rank: Int64 = 0
        try check(ct_tensor_rank(handle, &rank))
        var sizes = [Int64](repeating: 0, count: Int(rank))
        try check(ct_tensor_sizes(handle, &sizes))
        return sizes.map(Int.init)
    }

    /// The elements as float64, the last dimension fastest. Copies.
    public func values() throws(LibTorchError) -> [Double] {
        var values = [Double](repeating: 0, count: try shape().reduce(1, *))
        try check(ct_tensor_to_doubles(handle, &values))
        return values
    }
}
