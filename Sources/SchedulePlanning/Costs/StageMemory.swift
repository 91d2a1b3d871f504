/// The memory of one stage on its device, in bytes.
public struct StageMemory: Hashable, Sendable {
    /// Parameters, gradients and optimizer state, for the whole step.
    public var parameters: Int64
    /// The data that a micro-batch's forward keeps until its input gradient has run.
    public var activation: Int64
    /// The data that a micro-batch's input gradient keeps until its weight gradient has run, parts of the activation
    /// included.
    public var weightGradient: Int64

    /// Memory of the given sizes, in bytes.
    ///
    /// - Precondition: No size is negative.
    public init(parameters: Int64, activation: Int64, weightGradient: Int64) {
        precondition(min(parameters, activation, weightGradient) >= 0, "memory must not be negative")
        self.parameters = parameters
        self.activation = activation
        self.weightGradient = weightGradient
    }
}
