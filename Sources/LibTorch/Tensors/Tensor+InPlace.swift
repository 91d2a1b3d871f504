import CLibTorch

/// In-place operations, which autograd does not record.
extension Tensor {
    /// Adds `scale` times `other`.
    package func add(_ other: Tensor, scaledBy scale: Double = 1) throws(LibTorchError) {
        try check(ct_add_in_place(handle, other.handle, scale))
    }

    /// Multiplies every element by `factor`.
    package func scale(by factor: Double) throws(LibTorchError) { try check(ct_scale_in_place(handle, factor)) }
    /// Sets every element to 0.
    package func setToZero() throws(LibTorchError) { try check(ct_zero(handle)) }
    /// Copies the elements of `other`, which is broadcast and converted.
    package func set(to other: Tensor) throws(LibTorchError) { try check(ct_copy(handle, other.handle)) }

    /// Takes one step of AdamW by libtorch's fused kernel; `step` counts from 1.
    package func stepAdamW(
        gradients: Tensor, firstMoment: Tensor, secondMoment: Tensor, step: Int, lr: Double, beta1: Double,
        beta2: Double, eps: Double, weightDecay: Double
    ) throws(LibTorchError) {
        try check(
            ct_adamw(
                handle, gradients.handle, firstMoment.handle, secondMoment.handle, Double(step), lr, beta1, beta2,
                eps, weightDecay))
    }
}
