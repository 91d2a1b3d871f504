package import LibTorch

/// What the executor needs of a stage: the arithmetic of its actions, without any order among them.
package protocol StageKernels: AnyObject {
    /// Begins the forward of a micro-batch; `input` comes from the previous stage, nil for a first one.
    func startForward(microbatch: Int, input: Tensor?) throws -> any ActionRun
    /// Begins the backward of a micro-batch; `outputGradient` comes from the next stage, nil for a last one. Weight
    /// gradients are part of it, or, `deferringWeights`, are left to ``runWeights(microbatch:)``.
    func startBackward(microbatch: Int, outputGradient: Tensor?, deferringWeights: Bool) throws -> any ActionRun
    /// Computes the weight gradients that a backward has left.
    func runWeights(microbatch: Int) throws
}

/// An action under way, taken forward a segment at a time, so that two can be woven.
package protocol ActionRun: AnyObject {
    /// Runs the next part; false once all have run.
    func advance() throws -> Bool
    /// What goes to the neighbouring stage: a forward's output or a backward's input gradient; nil at a chain's end.
    func result() throws -> Tensor?
}
