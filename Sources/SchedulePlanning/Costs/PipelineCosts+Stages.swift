public import PipelineSchedules

extension Schedule {
    /// The fraction of a rank's share of the model that one stage holds: 1 for one stage per rank and chain.
    public var stageShare: Double { Double(rankCount) / Double(chains[0].stages.count) }
}

extension PipelineCosts {
    /// Returns the length of an overlapped pair of one stage's forward and another's full backward, in nanoseconds.
    public func pairLength(forwardStage: Int, backwardStage: Int) -> Int64 {
        PairCost(self).length(stage(forwardStage), stage(backwardStage), isFull: true)
    }

    /// Returns the costs of stages that are each `1 / parts` of a stage of these costs.
    ///
    /// - Precondition: `parts` is positive.
    public func divided(by parts: Double) -> PipelineCosts {
        precondition(parts > 0, "the number of parts must be positive")
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

    /// Returns the costs of the stages of `schedule`, given that these costs are those of a rank's share of the model.
    public func fitted(to schedule: Schedule) -> PipelineCosts {
        spread(over: schedule.chains[0].stages.count, ranks: schedule.rankCount, chainCount: schedule.chains.count)
    }

    /// Returns the costs of the stages of `chainCount` chains, each of `stageCount` stages on `ranks` ranks, given that
    /// these costs are those of a rank's share of the model. A single cost holds for all stages. A list runs along the
    /// model and is stretched over the stages.
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
