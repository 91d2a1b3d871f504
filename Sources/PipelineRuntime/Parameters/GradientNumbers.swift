package import LibTorch

/// Numbers about the gradients of a step. They are float64 scalars on the device, so that the host does not wait for
/// them before the end of the step.
package struct GradientNumbers {
    /// The sums of this rank's gradients before they were summed over ranks. They are finite only if the gradients are.
    package let ownSums: [Tensor]
    /// This rank's part of the sum of squares of all gradients. Only the owner of a parameter counts the parameter.
    package let squaredNorm: Tensor
}
