package import LibTorch
package import PipelineSchedules
package import SchedulePlanning

/// A stage as the executor uses it: the arithmetic of its actions. The schedule gives the order of the actions.
package protocol PipelineStage: AnyObject {
    /// Returns the segments of an action of the given kind.
    func segments(of kind: ActionKind) -> ActionSegments
    /// Starts an action.
    ///
    /// If a full backward has weight gradients as segments of their own, they start separately, as the W of the same
    /// micro-batch.
    ///
    /// - Parameter input: The tensor from the neighbouring stage: a forward's input or a backward's output gradient;
    ///   nil at the end of a chain and for weight gradients.
    func start(_ action: Action, input: Tensor?) throws -> ActionRun
}

extension PipelineStage {
    /// Returns one compute segment.
    package func segments(of kind: ActionKind) -> ActionSegments {
        kind == .weightGradient
            ? ActionSegments(weights: [WeightSegment(cost: 0, after: nil)])
            : ActionSegments(SegmentSequence([.compute(cost: 0)]))
    }
}

/// The segments of an action, which the executor interleaves with those of other actions. Costs are 0 until they are
/// measured.
package struct ActionSegments: Hashable {
    /// The segments of a forward, or of a backward without its weight gradients.
    package var sequence: SegmentSequence
    /// The weight gradients of a backward or of a W; `after` is the number of a segment of the backward.
    package var weights: [WeightSegment]

    /// The number of segments.
    package var count: Int { sequence.segments.count + weights.count }

    package init(_ sequence: SegmentSequence = SegmentSequence(), weights: [WeightSegment] = []) {
        self.sequence = sequence
        self.weights = weights
    }
}

/// An action in progress, run one segment at a time.
package struct ActionRun {
    /// Runs the next segment.
    package let advance: () throws -> Void
    /// Returns the tensor for the neighbouring stage, once all segments have run: a forward's output or a backward's
    /// input gradient; nil at the end of a chain and for weight gradients.
    package let result: () throws -> Tensor?

    package init(advance: @escaping () throws -> Void, result: @escaping () throws -> Tensor? = { nil }) {
        self.advance = advance
        self.result = result
    }
}
