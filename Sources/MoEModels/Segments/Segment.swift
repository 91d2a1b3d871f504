public import LibTorch

/// A value that a segment of a stage produces and other segments read, identified by its index among the stage's
/// values.
public struct SegmentValue: Hashable, Sendable {
    /// The index.
    public let index: Int
}

/// The arguments of a computation besides its inputs.
public struct SegmentContext {
    /// The queue of the backward pass's weight products.
    public let weights: WeightGradients
    /// The counts that losses are divided by, over the whole global batch. The model defines their order.
    public let batchCounts: [Double]
    /// The values that are freed after the forward and computed again before the backward; nil without a backward.
    public let recomputed: RecomputedValues?
    private let counts: GatheredCounts?

    /// Creates a context from its parts. `gatheredCounts` are the counts that the segment reads, nil for none.
    public init(
        weights: WeightGradients, batchCounts: [Double], gatheredCounts: GatheredCounts? = nil,
        recomputed: RecomputedValues? = nil
    ) {
        self.weights = weights
        self.batchCounts = batchCounts
        self.recomputed = recomputed
        counts = gatheredCounts
    }

    /// The counts that an exchange of the kind ``Segment/Exchange/counts`` has gathered.
    ///
    /// - Precondition: The result of such an exchange is one of the segment's inputs.
    public var gatheredCounts: GatheredCounts {
        guard let counts else { preconditionFailure("the segment does not read the result of an exchange of counts") }
        return counts
    }

    /// Returns the values of `compute`. If `isRecomputed` is true, they are kept as ``recomputed``.
    func values(isRecomputed: Bool, _ compute: @escaping () throws -> [Tensor]) throws -> [Tensor] {
        guard isRecomputed, let recomputed else { return try compute() }
        return try recomputed(compute)
    }

    /// Returns the value of `compute`. If `isRecomputed` is true, it is kept as ``recomputed``.
    func value(isRecomputed: Bool, _ compute: @escaping () throws -> Tensor) throws -> Tensor {
        try values(isRecomputed: isRecomputed) { [try compute()] }[0]
    }
}

/// A part of a layer that either computes or communicates. Segments are the unit of overlap.
public struct Segment {
    /// Computes outputs from inputs. Autograd records the operations for the backward pass.
    public typealias Compute = (_ inputs: [Tensor], _ context: SegmentContext) throws -> [Tensor]

    /// The work of a segment.
    public enum Work {
        /// A computation on this rank.
        case compute(Compute)
        /// An exchange within the expert-parallel group.
        case exchange(Exchange)

        /// Whether the work is a computation.
        package var computes: Bool { if case .compute = self { true } else { false } }
        /// Whether the work is an exchange of counts.
        package var isCounts: Bool { if case .exchange(.counts) = self { true } else { false } }
        /// Whether the work is an exchange that has no backward.
        package var isForwardExchange: Bool {
            switch self {
            case .exchange(.counts), .exchange(.fetch): true
            default: false
            }
        }
    }

    /// An exchange within the expert-parallel group.
    public enum Exchange: Hashable, Sendable {
        /// Gathers the counts [experts] of every rank as [ranks, experts]. It has no backward pass.
        case counts
        /// Sends rows sorted by expert to the ranks that hold the experts. Inputs: rows and gathered counts.
        case dispatch
        /// Returns rows to the ranks from which ``dispatch`` sent them. Inputs: rows and gathered counts.
        case combine
        /// Sends the weights of experts to the ranks that fetch replicas for a micro-batch. Inputs: the weights, one row
        /// per replica, and gathered counts. It has no backward pass.
        case fetch
    }

    /// The segment's name in timelines, such as `attention`.
    public let name: String
    /// The segment's work.
    public let work: Work
    /// Whether the backward pass runs the segment again instead of keeping the tensors that autograd saves.
    public let isRecomputed: Bool
    /// The values that the segment reads.
    public let inputs: [SegmentValue]
    /// The values that the segment produces.
    public let outputs: [SegmentValue]
}
