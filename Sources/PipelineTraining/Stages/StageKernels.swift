package import LibTorch
package import PipelineSchedules
package import SchedulePlanning

/// What the executor needs of a stage: the arithmetic of its actions, without any order among them.
package protocol StageKernels: AnyObject {
    /// The parts that an action of this kind runs in.
    func parts(of kind: ActionKind) -> ActionParts
    /// Begins an action.
    ///
    /// The weight gradients that a full backward has as parts of their own are begun apart, as the W of its micro-batch.
    ///
    /// - Parameter input: What comes from the neighbouring stage: a forward's input, a backward's output gradient; nil at
    ///   the end of a chain and for weight gradients.
    func start(_ action: Action, input: Tensor?) throws -> any ActionRun
}

extension StageKernels {
    /// One part that exchanges nothing.
    package func parts(of kind: ActionKind) -> ActionParts {
        kind == .weightGradient
            ? ActionParts(weights: [WeightPart(cost: 0, after: nil)])
            : ActionParts(WeaveSequence([.compute(cost: 0)]))
    }
}

/// The parts of an action, which the executor weaves with those of others. Their costs are 0 until they are measured.
package struct ActionParts: Hashable {
    /// Those of a forward, or of a backward without its weight gradients.
    package var sequence: WeaveSequence
    /// The weight gradients of a backward or of a W; `after` is a part of the backward.
    package var weights: [WeightPart]

    /// How many parts there are.
    package var count: Int { sequence.parts.count + weights.count }

    package init(_ sequence: WeaveSequence = WeaveSequence(), weights: [WeightPart] = []) {
        self.sequence = sequence
        self.weights = weights
    }
}

/// An action under way, taken forward a part at a time.
package protocol ActionRun: AnyObject {
    /// Runs the next part.
    func advance() throws
    /// What goes to the neighbouring stage, once all parts have run: a forward's output or a backward's input gradient;
    /// nil at a chain's end and for weight gradients.
    func result() throws -> Tensor?
}
