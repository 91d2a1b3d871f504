/// The costs of a pipeline's actions.
public struct PipelineCosts: Hashable, Sendable {
    /// The costs of each stage. The last entry also holds for all later stages.
    public var stages: [StageCosts]
    /// The fraction of its two actions' costs that an overlapped pair saves, 0 to 1.
    public var overlapSaving: Double
    /// A factor that replaces `overlapSaving` if it is given. A pair then takes the longer of its actions' joint
    /// compute and their joint communication, times this factor; but no more than both actions one after the other, and
    /// no less than either alone.
    public var overlapSlowdown: Double?
    /// The time from the end of an action to the earliest start of an action on another rank that needs its result, in
    /// nanoseconds.
    public var transfer: Int64
    /// Links that replace `transfer` if they are given.
    public var links: LinkCosts?
    /// The time from a rank's last action to the end of its step, in nanoseconds: the reduction of gradients over
    /// data-parallel ranks and the optimizer's step.
    public var finish: Int64
    /// The memory of each stage. The last entry also holds for all later stages. Empty if the memory is not known.
    public var memory: [StageMemory]

    /// Costs of the given stages, pairs, transfers and memory.
    ///
    /// - Precondition: There is at least one stage, no cost is negative, communication is no longer than its pass and
    ///   `overlapSaving` lies in 0 ... 1.
    public init(
        stages: [StageCosts], overlapSaving: Double = 0, overlapSlowdown: Double? = nil, transfer: Int64 = 0,
        links: LinkCosts? = nil, finish: Int64 = 0, memory: [StageMemory] = []
    ) {
        precondition(!stages.isEmpty, "costs must have at least one stage")
        precondition(transfer >= 0 && finish >= 0, "costs must not be negative")
        precondition(
            stages.allSatisfy(\.isPossible), "costs must not be negative, and communication must not exceed its pass")
        precondition((0...1).contains(overlapSaving), "the saving must lie between 0 and 1")
        precondition(overlapSlowdown.map { $0 > 0 && $0.isFinite } ?? true, "the slowdown must be positive and finite")
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

    /// Returns costs of one unit each for F, I and W, without saving and transfers, as published formulas assume.
    public static func unit(_ nanoseconds: Int64 = 1) -> PipelineCosts {
        PipelineCosts(
            uniform: StageCosts(forward: nanoseconds, inputGradient: nanoseconds, weightGradient: nanoseconds))
    }

    /// Returns the costs of `stage`.
    public func stage(_ stage: Int) -> StageCosts { stages[min(stage, stages.count - 1)] }

    /// Returns the memory of `stage`; nil if it is not known.
    public func memory(ofStage stage: Int) -> StageMemory? {
        memory.isEmpty ? nil : memory[min(stage, memory.count - 1)]
    }

    /// Returns the time from the end of an action on `source` to the earliest start of an action on `target` that needs
    /// its result, in nanoseconds.
    public func transfer(from source: Int, to target: Int) -> Int64 {
        if source == target { return 0 }
        return links?.transfer(from: source, to: target) ?? transfer
    }
}
