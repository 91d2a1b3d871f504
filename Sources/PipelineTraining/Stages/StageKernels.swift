package import LibTorch
package import PipelineSchedules

/// What the executor needs of a stage: the arithmetic of its actions, without any order among them.
package protocol StageKernels: AnyObject {
    /// The parts that an action of this kind runs in, one an ``ActionRun/advance()``.
    func parts(of kind: ActionKind) -> [ActionPart]
    /// Begins the forward of a micro-batch; `input` comes from the previous stage, nil for a first one.
    func startForward(microbatch: Int, input: Tensor?) throws -> any ActionRun
    /// Begins the backward of a micro-batch; `outputGradient` comes from the next stage, nil for a last one. Weight
    /// gradients are part of it, or, `deferringWeights`, are left to ``runWeights(microbatch:)``.
    func startBackward(microbatch: Int, outputGradient: Tensor?, deferringWeights: Bool) throws -> any ActionRun
    /// Computes the weight gradients that a backward has left.
    func runWeights(microbatch: Int) throws
}

extension StageKernels {
    /// One part that exchanges nothing.
    package func parts(of kind: ActionKind) -> [ActionPart] { [ActionPart()] }
}

/// A part of an action, which runs as a whole.
package struct ActionPart: Hashable {
    /// The exchange within the expert-parallel group that it starts, such as `dispatch`; nil where it computes.
    package var exchange: String?

    package init(exchange: String? = nil) {
        self.exchange = exchange
    }
}

/// An action under way, taken forward a segment at a time, so that two can be woven.
package protocol ActionRun: AnyObject {
    /// Runs the next part; false once all have run.
    func advance() throws -> Bool
    /// What goes to the neighbouring stage: a forward's output or a backward's input gradient; nil at a chain's end.
    func result() throws -> Tensor?
}
