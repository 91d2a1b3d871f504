/// What the actions of a pipeline cost.
public struct PipelineCosts: Hashable, Sendable {
    /// The costs of each stage; a stage beyond the last takes the last one's.
    public var stages: [StageCosts]
    /// The part of an overlapped pair's two costs that overlapping saves, 0 to 1.
    public var overlapSaving: Double
    /// From the end of a compute to the start of the one that needs it on another rank, in nanoseconds.
    public var transfer: Int64

    /// Costs of the given parts.
    ///
    /// - Precondition: There is at least one stage, no cost is negative and `overlapSaving` lies in 0 ... 1.
    public init(stages: [StageCosts], overlapSaving: Double = 0, transfer: Int64 = 0) {
        precondition(!stages.isEmpty, "costs need at least one stage")
        precondition(stages.allSatisfy { min($0.forward, $0.inputGradient, $0.weightGradient) >= 0 } && transfer >= 0)
        precondition((0...1).contains(overlapSaving), "the saving lies between 0 and 1")
        self.stages = stages
        self.overlapSaving = overlapSaving
        self.transfer = transfer
    }

    /// The same costs for every stage.
    public init(uniform costs: StageCosts, overlapSaving: Double = 0, transfer: Int64 = 0) {
        self.init(stages: [costs], overlapSaving: overlapSaving, transfer: transfer)
    }

    /// F, I and W of one unit each, no saving and no transfer: what published formulas are stated in.
    public static func unit(_ nanoseconds: Int64 = 1) -> PipelineCosts {
        PipelineCosts(
            uniform: StageCosts(
                forward: nanoseconds, inputGradient: nanoseconds, weightGradient: nanoseconds))
    }
}
