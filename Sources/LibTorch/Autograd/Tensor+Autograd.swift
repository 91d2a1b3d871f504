import CLibTorch

extension Tensor {
    /// A leaf of a new graph that shares the tensor's values.
    ///
    /// - Parameter requiresGradient: Whether the leaf accumulates a gradient.
    public func leaf(requiresGradient: Bool = true) throws(LibTorchError) -> Tensor {
        try Tensor { ct_leaf(handle, requiresGradient ? 1 : 0, &$0) }
    }

    /// Returns a tensor that shares the tensor's values, and the leaf that accumulates its gradient.
    ///
    /// The leaf has no values: they live only as long as the returned tensor and the operations that save it.
    package func input() throws(LibTorchError) -> (tensor: Tensor, leaf: Tensor) {
        var leaf: OpaquePointer?
        let tensor = try made { ct_input(handle, &leaf, &$0) }
        return (Tensor(handle: tensor), Tensor(handle: leaf.unsafelyUnwrapped))
    }

    /// Returns a tensor without values from which ``backward(_:gradients:)`` starts as from this one.
    package func root() throws(LibTorchError) -> Tensor { try Tensor { ct_root(handle, &$0) } }

    /// Frees the memory of the tensor's values. Operations that saved the tensor keep it without values until
    /// ``takeValues(of:)``.
    package func freeValues() throws(LibTorchError) { try check(ct_free_values(handle)) }

    /// Moves the values of `source`, which loses them, to this tensor, whose values were freed.
    package func takeValues(of source: Tensor) throws(LibTorchError) {
        try check(ct_take_values(handle, source.handle))
    }

    /// Whether the tensor is, or depends on, a leaf that accumulates a gradient.
    public var requiresGradient: Bool {
        var value: Int32 = 0
        return ct_requires_gradient(handle, &value) == 0 && value != 0
    }

    /// Runs the backward pass from `outputs` and adds to the gradients of the leaves. The graph is freed.
    ///
    /// - Parameters:
    ///   - outputs: The roots of the pass.
    ///   - gradients: The gradient of each output. nil means 1 and requires a scalar output.
    /// - Precondition: There are as many gradients as outputs.
    public static func backward(_ outputs: [Tensor], gradients: [Tensor?]) throws(LibTorchError) {
        precondition(outputs.count == gradients.count, "every output needs a gradient or nil")
        guard !outputs.isEmpty else { return }
        let outputHandles = outputs.map { Optional($0.handle) }
        let gradientHandles = gradients.map { $0?.handle }
        try withExtendedLifetime((outputs, gradients)) { () throws(LibTorchError) in
            try check(ct_backward(outputHandles, gradientHandles, Int64(outputs.count)))
        }
    }

    /// The accumulated gradient of a leaf; nil if there is none.
    public func gradient() throws(LibTorchError) -> Tensor? {
        var gradient: OpaquePointer?
        try check(ct_gradient(handle, &gradient))
        return gradient.map(Tensor.init(handle:))
    }

    /// Makes `gradient` the buffer in which a leaf accumulates its gradient; nil removes the buffer.
    ///
    /// The buffer may have another type than the leaf, such as float32 for a bfloat16 leaf.
    public func setGradient(_ gradient: Tensor?) throws(LibTorchError) {
        try check(ct_set_gradient(handle, gradient?.handle))
    }
}
