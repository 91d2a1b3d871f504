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
}
