import CLibTorch

extension Tensor {
    /// The same elements in another shape; one size may be -1.
    public func reshaped(_ shape: [Int]) throws(LibTorchError) -> Tensor {
        try Tensor { ct_reshape(handle, shape.map(Int64.init), Int64(shape.count), &$0) }
    }

    /// A view with two dimensions swapped; negative dimensions count from the end.
    public func transposed(_ first: Int = -2, _ second: Int = -1) throws(LibTorchError) -> Tensor {
        try Tensor { ct_transpose(handle, Int64(first), Int64(second), &$0) }
    }

    /// The tensor in row-major order in memory; the same tensor if it already is contiguous.
    public func contiguous() throws(LibTorchError) -> Tensor { try Tensor { ct_contiguous(handle, &$0) } }

    /// A view of a range of one dimension.
    public func narrowed(_ dimension: Int, _ range: Range<Int>) throws(LibTorchError) -> Tensor {
        try Tensor { ct_narrow(handle, Int64(dimension), Int64(range.lowerBound), Int64(range.count), &$0) }
    }

    /// A view in which dimensions of size 1 are repeated; -1 keeps a size.
    public func expanded(_ shape: [Int]) throws(LibTorchError) -> Tensor {
        try Tensor { ct_expand(handle, shape.map(Int64.init), Int64(shape.count), &$0) }
    }

    /// The concatenation of the tensors along `dimension`.
    public static func concatenated(_ tensors: [Tensor], along dimension: Int) throws(LibTorchError) -> Tensor {
        let handles = tensors.map { Optional($0.handle) }
        return try withExtendedLifetime(tensors) { () throws(LibTorchError) in
            try Tensor { ct_concatenate(handles, Int64(handles.count), Int64(dimension), &$0) }
        }
    }

    /// The slices `index` (an int64 vector) of `dimension`, in the order of `index`.
    public func selected(_ dimension: Int, _ index: Tensor) throws(LibTorchError) -> Tensor {
        try Tensor { ct_index_select(handle, Int64(dimension), index.handle, &$0) }
    }

    /// The elements at the int64 positions `index` along `dimension`: a tensor of the shape of `index`.
    public func gathered(_ dimension: Int, _ index: Tensor) throws(LibTorchError) -> Tensor {
        try Tensor { ct_gather(handle, Int64(dimension), index.handle, &$0) }
    }

    /// The tensor with the slices of `source` added to its slices `index` (an int64 vector) along `dimension`.
    public func adding(_ source: Tensor, at index: Tensor, along dimension: Int) throws(LibTorchError) -> Tensor {
        try Tensor { ct_index_add(handle, Int64(dimension), index.handle, source.handle, &$0) }
    }

    /// The tensor with `value` at the int64 positions `index` along `dimension`.
    public func setting(_ dimension: Int, _ index: Tensor, to value: Double) throws(LibTorchError) -> Tensor {
        try Tensor { ct_scatter(handle, Int64(dimension), index.handle, value, &$0) }
    }
}
