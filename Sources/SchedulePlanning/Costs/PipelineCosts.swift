/// What the actions of a pipeline cost.
public struct PipelineCosts: Hashable, Sendable {
    /// The costs of each stage; a stage beyond the last takes the last one's.
    public var stages: [StageCosts]
    /// The part of an overlapped pair's two costs that overlapping saves, 0 to 1.
    public var overlapSaving: Double
    /// Where it is given, a pair takes the longer of its two actions' compute together and their communication
    /// together, times this, but neither more than both in turn nor less than either alone; `overlapSaving` then counts
    /// for nothing.
    public var overlapSlowdown: Double?
    /// From the end of a compute to the start of the one that needs it on another rank, in nanoseconds.
    public var transfer: Int64
    /// Where they are given, transfers take what these say, and `transfer` counts for nothing.
    public var links: LinkCosts?
    /// What follows a rank's last action before the step is over there, in nanoseconds: reduction of gradients over
    /// data-parallel ranks and the optimizer's step.
    public var finish: Int64
    /// What each stage keeps in memory; a stage beyond the last takes the last one's. Empty where it is not known.
    public var memory: [StageMemory]

    /// Costs of the given parts.
    ///
    /// - Precondition: There is at least one stage, no cost is negative, communication is a part of its pass and
    ///   `overlapSaving` lies in 0 ... 1.
    public init(
        stages: [StageCosts], overlapSaving: Double = 0, overlapSlowdown: Double? = nil, transfer: Int64 = 0,
        links: LinkCosts? = nil, finish: Int64 = 0, memory: [StageMemory] = []
    ) {
        precondition(!stages.isEmpty, "costs need at least one stage")
        precondition(stages.allSatisfy(\.isPossible) && transfer >= 0 && finish >= 0, "costs are not negative")
        precondition((0...1).contains(overlapSaving), "the saving lies between 0 and 1")
        precondition(overlapSlowdown.map { $0 > 0 && $0.isFinite } ?? true, "the slowdown is positive")
        self.stages = stages
        self.overlapSaving = overlapSaving
        self.overlapSlowdown = overlapSlowdown
        self.transfer = transfer
        self.links = links
        self.finish = finish
        self.memory = memory
    }

    /// The same costs for every stage.
    public init(uniform costs: StageCosts, overlapSaving: Double = 0, transfer: Int64 = 0) {
        self.init(stages: [costs], overlapSaving: overlapSaving, transfer: transfer)
    }

    /// F, I and W of one unit each, no saving and no transfer: what published formulas are stated in.
    public static func unit(_ nanoseconds: Int64 = 1) -> PipelineCosts {
        PipelineCosts(
            uniform: StageCosts(forward: nanoseconds, inputGradient: nanoseconds, weightGradient: nanoseconds))
    }

    /// The costs of `stage`.
    public func stage(_ stage: Int) -> StageCosts { stages[min(stage, stages.count - 1)] }

    /// What `stage` keeps in memory; nil where it is not known.
    public func memory(ofStage stage: Int) -> StageMemory? {
        memory.isEmpty ? nil : memory[min(stage, memory.count - 1)]
    }

    /// From the end of a compute on `source` to the start of the one that needs it on `target`, in nanoseconds.
    public func transfer(from source: Int, to target: Int) -> Int64 {
        if source == target { return 0 }
        return links?.transfer(from: source, to: target) ?? transfer
    }
}
