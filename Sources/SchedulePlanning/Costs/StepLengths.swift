import PipelineSchedules

/// The lengths of steps, in tables for inner loops.
struct StepLengths {
    /// The costs of each stage.
    let stages: [StageCosts]
    let pairs: PairCost

    init(_ costs: PipelineCosts, stageCount: Int) {
        stages = (0..<stageCount).map(costs.stage)
        pairs = PairCost(costs)
    }

    /// Returns the length of a step without stragglers; 0 if the step is idle.
    @inline(__always) func length(of step: Step) -> Int64 {
        guard let first = step.first else { return 0 }
        guard let second = step.second else { return stages[first.stage].length(first.kind) }
        return pairs.length(stages[first.stage], stages[second.stage], isFull: second.kind == .backward)
    }
}
