import CLibTorch

/// Changes in place, for buffers that autograd does not look at.
extension Tensor {
    package func add(_ other: Tensor, scaledBy scale: Double = 1) throws(LibTorchError) {
        try check(ct_add_in_place(handle, other.handle, scale))
    }

    package func scale(by factor: Double) throws(LibTorchError) { try check(ct_scale_in_place(handle, factor)) }
    package func setToZero() throws(LibTorchError) { try check(ct_zero(handle)) }
    package func set(to other: Tensor) throws(LibTorchError) { try check(ct_copy(handle, other.handle)) }

    /// One step of AdamW by libtorch's fused kernel; `step` counts from 1.
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
