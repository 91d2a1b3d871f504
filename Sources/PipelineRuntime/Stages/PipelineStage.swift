package import LibTorch
package import PipelineSchedules
package import SchedulePlanning

/// What the executor needs of a stage: the arithmetic of its actions, without any order among them.
package protocol PipelineStage: AnyObject {
    /// The segments that an action of this kind runs in.
    func segments(of kind: ActionKind) -> ActionSegments
    /// Begins an action.
    ///
    /// The weight gradients that a full backward has as segments of their own are begun apart, as the W of its micro-batch.
    ///
    /// - Parameter input: What comes from the neighbouring stage: a forward's input, a backward's output gradient; nil at
    ///   the end of a chain and for weight gradients.
    func start(_ action: Action, input: Tensor?) throws -> ActionRun
}

extension PipelineStage {
    /// One segment that exchanges nothing.
    package func segments(of kind: ActionKind) -> ActionSegments {
        kind == .weightGradient
            ? ActionSegments(weights: [WeightSegment(cost: 0, after: nil)])
            : ActionSegments(SegmentSequence([.compute(cost: 0)]))
    }
}

/// The segments of an action, which the executor plans with those of others. Their costs are 0 until they are measured.
package struct ActionSegments: Hashable {
    /// Those of a forward, or of a backward without its weight gradients.
    package var sequence: SegmentSequence
    /// The weight gradients of a backward or of a W; `after` is a segment of the backward.
    package var weights: [WeightSegment]

    /// How many segments there are.
    package var count: Int { sequence.segments.count + weights.count }

    package init(_ sequence: SegmentSequence = SegmentSequence(), weights: [WeightSegment] = []) {
        self.sequence = sequence
        self.weights = weights
    }
}

/// An action under way, taken forward a segment at a time.
package struct ActionRun {
    /// Runs the next segment.
    package let advance: () throws -> Void
    /// What goes to the neighbouring stage, once all segments have run: a forward's output or a backward's input gradient;
    /// nil at a chain's end and for weight gradients.
    package let result: () throws -> Tensor?

    package init(advance: @escaping () throws -> Void, result: @escaping () throws -> Tensor? = { nil }) {
        self.advance = advance
        self.result = result
    }
}
