public import LibTorch

/// A tensor that travels between the segments of a stage, by its place in the stage's list of values.
public struct SegmentValue: Hashable, Sendable {
    /// The place.
    public let index: Int
}

/// What a segment's arithmetic is given beside its inputs.
public struct SegmentContext {
    /// Where weight products of the backward pass go.
    public let weights: WeightGradients
    /// What losses are divided by: counts over the whole global batch, in the model's own order.
    public let batchCounts: [Double]

    /// A context of the given parts.
    public init(weights: WeightGradients, batchCounts: [Double]) {
        self.weights = weights
        self.batchCounts = batchCounts
    }
}

/// A part of a layer that either computes or communicates, the unit in which work is overlapped.
public struct Segment {
    /// Turns inputs into outputs; autograd records it, so that it is run backward as it stands.
    public typealias Compute = (_ inputs: [Tensor], _ context: SegmentContext) throws -> [Tensor]

    /// What a segment does.
    public enum Work {
        /// Arithmetic on this rank.
        case compute(Compute)
        /// An exchange within the expert-parallel group.
        case exchange(Exchange)

        /// Whether it is arithmetic.
        package var computes: Bool { if case .compute = self { true } else { false } }
    }

    /// An exchange within the expert-parallel group.
    public enum Exchange: Hashable, Sendable {
        /// Gathers every rank's counts [experts] as [ranks, experts]. Nothing flows back.
        case counts
        /// Takes rows that are grouped by expert to the ranks that hold the experts. Inputs: rows and gathered counts.
        case dispatch
        /// Takes rows back to where ``dispatch`` took them from. Inputs: rows and gathered counts.
        case combine
    }

    /// What the segment is called in timelines, such as `attention`.
    public let name: String
    /// What it does.
    public let work: Work
    /// Whether the way back runs it anew instead of keeping what autograd needs of it.
    public let isRecomputed: Bool
    /// The values that it reads.
    public let inputs: [SegmentValue]
    /// The values that it makes.
    public let outputs: [SegmentValue]
}
