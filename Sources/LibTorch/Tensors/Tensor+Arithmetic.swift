import CLibTorch

extension Tensor {
    /// The tensor plus `scale` times `other`; shapes are broadcast.
    public func adding(_ other: Tensor, scaledBy scale: Double = 1) throws(LibTorchError) -> Tensor {
        try Tensor { ct_add(handle, other.handle, scale, &$0) }
    }

    /// The elementwise product; shapes are broadcast.
    public func times(_ other: Tensor) throws(LibTorchError) -> Tensor {
        try Tensor { ct_multiply(handle, other.handle, &$0) }
    }

    /// Every element times `factor`.
    public func times(_ factor: Double) throws(LibTorchError) -> Tensor { try Tensor { ct_scale(handle, factor, &$0) } }

    /// The elementwise quotient; shapes are broadcast.
    public func divided(by other: Tensor) throws(LibTorchError) -> Tensor {
        try Tensor { ct_divide(handle, other.handle, &$0) }
    }

    /// The matrix product over the last two dimensions.
    public func matmul(_ other: Tensor) throws(LibTorchError) -> Tensor {
        try Tensor { ct_matmul(handle, other.handle, &$0) }
    }

    /// 1 / (1 + e⁻ˣ).
    public func sigmoid() throws(LibTorchError) -> Tensor { try Tensor { ct_sigmoid(handle, &$0) } }
    /// x · sigmoid(x).
    public func silu() throws(LibTorchError) -> Tensor { try Tensor { ct_silu(handle, &$0) } }
    /// The Gaussian error linear unit.
    public func gelu() throws(LibTorchError) -> Tensor { try Tensor { ct_gelu(handle, &$0) } }

    /// The softmax along `dimension`.
    public func softmax(_ dimension: Int = -1) throws(LibTorchError) -> Tensor {
        try Tensor { ct_softmax(handle, Int64(dimension), &$0) }
    }

    /// The sum of all elements.
    public func sum() throws(LibTorchError) -> Tensor { try Tensor { ct_sum(handle, &$0) } }

    /// The sums along `dimension`, which is kept with size 1 if `keepsDimension` is true.
    public func sum(_ dimension: Int, keepsDimension: Bool = false) throws(LibTorchError) -> Tensor {
        try Tensor { ct_sum_dimension(handle, Int64(dimension), keepsDimension ? 1 : 0, &$0) }
    }

    /// The means along `dimension`, which is kept with size 1 if `keepsDimension` is true.
    public func mean(_ dimension: Int, keepsDimension: Bool = false) throws(LibTorchError) -> Tensor {
        try Tensor { ct_mean_dimension(handle, Int64(dimension), keepsDimension ? 1 : 0, &$0) }
    }

    /// The sign of each element: -1, 0 or 1.
    public func sign() throws(LibTorchError) -> Tensor { try Tensor { ct_sign(handle, &$0) } }

    /// The `count` largest elements along the last dimension, largest first, and their indices.
    public func largest(_ count: Int) throws(LibTorchError) -> (values: Tensor, indices: Tensor) {
        var values: OpaquePointer?
        let indices = try made { ct_topk(handle, Int64(count), &values, &$0) }
        return (Tensor(handle: values.unsafelyUnwrapped), Tensor(handle: indices))
    }

    /// The tensor with `other` at the positions at which `mask` is false.
    public func keeping(_ mask: Tensor, otherwise other: Double = -.infinity) throws(LibTorchError) -> Tensor {
        try Tensor { ct_keep(handle, mask.handle, other, &$0) }
    }

    /// The sum of the squares of all elements, a float64 scalar.
    public func squaredNorm() throws(LibTorchError) -> Tensor { try Tensor { ct_norm_squared(handle, &$0) } }

    /// Whether no element is NaN or infinite, a Boolean scalar.
    public func isFinite() throws(LibTorchError) -> Tensor { try Tensor { ct_is_finite(handle, &$0) } }
}
