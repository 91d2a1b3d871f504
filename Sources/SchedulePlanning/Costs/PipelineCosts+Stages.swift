public import PipelineSchedules

extension Schedule {
    /// The part of a rank's share of the model that one stage holds: 1 for one stage per rank and chain.
    public var stageShare: Double { Double(rankCount) / Double(chains[0].stages.count) }
}

extension PipelineCosts {
    /// How long an overlapped pair of one stage's forward and another's whole backward takes, in nanoseconds.
    public func pairLength(forwardStage: Int, backwardStage: Int) -> Int64 {
        PairCost(self).length(stage(forwardStage), stage(backwardStage), isFull: true)
    }

    /// The same work where each stage is `1 / parts` of a stage of these costs.
    ///
    /// - Precondition: `parts` is positive.
    public func divided(by parts: Double) -> PipelineCosts {
        precondition(parts > 0, "a stage is divided into at least one part")
        var costs = self
        costs.stages = stages.map { $0.divided(by: parts) }
        costs.memory = memory.map { memory in
            StageMemory(
                parameters: Int64(Double(memory.parameters) / parts),
                activation: Int64(Double(memory.activation) / parts),
                weightGradient: Int64(Double(memory.weightGradient) / parts))
        }
        return costs
    }

    /// These costs of a rank's share of the model, for the stages of `schedule`.
    public func fitted(to schedule: Schedule) -> PipelineCosts {
        spread(over: schedule.chains[0].stages.count, ranks: schedule.rankCount, chainCount: schedule.chains.count)
    }

    /// These costs of a rank's share of the model, for the stages of a chain of `stageCount` on `ranks` ranks: one cost
    /// for all, or lists along the model that are stretched over the stages.
    ///
    /// - Precondition: There is at least one stage and one rank.
    public func spread(over stageCount: Int, ranks: Int, chainCount: Int) -> PipelineCosts {
        var costs = divided(by: Double(stageCount) / Double(ranks))
        func stretched<Item>(_ given: [Item]) -> [Item] {
            guard given.count > 1 else { return given }
            let chain = (0..<stageCount).map { given[$0 * given.count / stageCount] }
            return (0..<chainCount).flatMap { _ in chain }
        }
        costs.stages = stretched(costs.stages)
        costs.memory = stretched(costs.memory)
        return costs
    }
}
