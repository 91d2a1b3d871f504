import CLibTorch

extension Tensor {
    /// The same values as the start of a graph of their own, which gathers a gradient unless told otherwise.
    public func leaf(requiresGradient: Bool = true) throws(LibTorchError) -> Tensor {
        try Tensor { ct_leaf(handle, requiresGradient ? 1 : 0, &$0) }
    }

    /// Whether the tensor depends on something that gathers a gradient.
    public var requiresGradient: Bool {
        var value: Int32 = 0
        return ct_requires_gradient(handle, &value) == 0 && value != 0
    }

    /// Walks back from `outputs` to the leaves, adding to their gradients; a nil gradient stands for one and needs a
    /// scalar output. The graph is freed on the way.
    public static func backward(_ outputs: [Tensor], gradients: [Tensor?]) throws(LibTorchError) {
        precondition(outputs.count == gradients.count, "every output needs a gradient or nil")
        guard !outputs.isEmpty else { return }
        let outputHandles = outputs.map { Optional($0.handle) }
        let gradientHandles = gradients.map { $0?.handle }
        try withExtendedLifetime((outputs, gradients)) { () throws(LibTorchError) in
            try check(ct_backward(outputHandles, gradientHandles, Int64(outputs.count)))
        }
    }

    /// The gradient that a leaf has gathered, or nil.
    public func gradient() throws(LibTorchError) -> Tensor? {
        var gradient: OpaquePointer?
        try check(ct_gradient(handle, &gradient))
        return gradient.map(Tensor.init(handle:))
    }

    /// Makes `gradient` the buffer that a leaf gathers its gradient in; nil takes it away.
    public func setGradient(_ gradient: Tensor?) throws(LibTorchError) {
        try check(ct_set_gradient(handle, gradient?.handle))
    }
}
