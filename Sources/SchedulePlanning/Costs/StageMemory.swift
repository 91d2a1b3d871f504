/// What one stage keeps in a device's memory, in bytes.
public struct StageMemory: Hashable, Sendable {
    /// Parameters, gradients and optimizer state, for the whole step.
    public var parameters: Int64
    /// What a micro-batch's forward keeps until its input gradient has run.
    public var activation: Int64
    /// What a micro-batch's input gradient keeps until its weight gradient has run, of the activation and beside it.
    public var weightGradient: Int64

    /// Memory of the given sizes, in bytes.
    ///
    /// - Precondition: No size is negative.
    public init(parameters: Int64, activation: Int64, weightGradient: Int64) {
        precondition(min(parameters, activation, weightGradient) >= 0, "memory is not negative")
        self.parameters = parameters
        self.activation = activation
        self.weightGradient = weightGradient
    }
}
