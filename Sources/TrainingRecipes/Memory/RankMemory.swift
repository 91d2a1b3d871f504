public import PipelineSchedules

/// An estimate of the private memory of one rank, without libtorch's code, which ranks share.
///
/// The activations are within 10 % of the peak of the bytes that a rank allocates.
public struct RankMemory: Hashable, Sendable {
    /// The factor by which the estimate may be too high. A recipe is refused only if the estimate exceeds the available
    /// memory by more than this factor.
    public static let doubt = 1.1

    /// The bytes of the data of libtorch and of the process.
    public let runtime: Double
    /// The bytes of the parameters that the model computes with.
    public let weights: Double
    /// The bytes of the gradients.
    public let gradients: Double
    /// The bytes of the optimizer: two moments and, in a bfloat16 model, the float32 masters of the parameters.
    public let optimizer: Double
    /// The bytes of activations at the schedule's peak, including those of the current action.
    public let activations: Double

    /// The bytes of parameters, gradients and the optimizer.
    public var parameters: Double { weights + gradients + optimizer }
    /// The total bytes.
    public var total: Double { runtime + parameters + activations }
}

extension [RankMemory] {
    /// The memory of the rank that takes the most; nil without ranks.
    package var largest: RankMemory? { self.max { $0.total < $1.total } }
}

extension Recipe {
    /// Returns the memory of each pipeline rank. The ranks of an expert-parallel group take the same memory.
    ///
    /// - Parameter schedule: The schedule that the recipe's preflight returned.
    /// - Complexity: O(actions).
    public func memory(_ schedule: Schedule) -> [RankMemory] {
        let type = resolvedModel.dtype
        let stages = segments(schedule)
        // The runtime posts four receives ahead.
        let received = schedule.rankCount > 1 ? 4 * ActivationShapes(self).boundaryBytes : 0
        return rankContents(schedule).enumerated().map { rank, held in
            let count = Double(parameters(of: held))
            let precise = Double(type.preciseWidth)
            let masters = type.preciseWidth > type.width ? precise : 0
            return RankMemory(
                runtime: 65e6, weights: count * Double(type.width), gradients: count * precise,
                optimizer: count * (2 * precise + masters),
                activations: ActivationWalk(schedule.rows[rank], stages: stages).peak + received)
        }
    }

    /// Returns the bytes of activations that each kind of segment of a rank keeps per micro-batch, the most first.
    ///
    /// - Parameters:
    ///   - schedule: The schedule that the recipe's preflight returned.
    ///   - rank: The index of the pipeline rank.
    public func activations(_ schedule: Schedule, ofRank rank: Int) -> [(segment: String, bytes: Double)] {
        let stages = segments(schedule)
        let all = schedule.stages(ofRank: rank).flatMap { stages[$0] }
        return Dictionary(grouping: all, by: \.name)
            .map { (segment: $0.key, bytes: $0.value.reduce(0) { $0 + $1.keptBytes }) }
            .filter { $0.bytes > 0 }.sorted { ($0.bytes, $1.segment) > ($1.bytes, $0.segment) }
    }

    /// Returns the memory of the segments of each stage of a schedule.
    package func segments(_ schedule: Schedule) -> [[SegmentMemory]] {
        let shapes = ActivationShapes(self)
        return stageContents(schedule).map(shapes.segments)
    }
}
