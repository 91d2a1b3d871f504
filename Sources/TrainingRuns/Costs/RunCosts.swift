import PipelineSchedules
public import SchedulePlanning
public import Timelines
public import TrainingRecipes

/// The costs that a training run measured in its last step.
public struct RunCosts: Sendable {
    /// The cost of each stage of one chain, from the first to the last, in nanoseconds.
    public let costs: PipelineCosts
    /// The number of stages of a chain that a rank holds.
    public let stagesPerRank: Int

    /// Fits costs to the timeline of a run's last step.
    ///
    /// - Parameter parallelism: The section of the run's recipe, which determines the number of chains.
    /// - Throws: ``RunCostsError`` if the timeline does not match the recipe, and `CostFitError` if the timeline has
    ///   too few actions.
    /// - Complexity: O(n log n) in the number of spans.
    public init(fitting timeline: Timeline, parallelism: Recipe.ParallelismSection) throws {
        let experts = max(parallelism.expertParallelDegree, 1)
        let pipeline = max(parallelism.pipelineParallelDegree, 1)
        if let rank = timeline.ranks.last, rank >= experts * pipeline {
            throw RunCostsError("the timeline has rank \(rank), but the recipe has world size \(experts * pipeline)")
        }
        let chains = try Self.chains(of: timeline, parallelism, experts: experts)
        let fitted = try PipelineCosts(fitting: timeline, chains: chains, experts: experts)
        costs = Self.averaged(fitted, over: chains)
        stagesPerRank = max(chains[0].stages.count / pipeline, 1)
    }

    /// Returns the chains of the run. The recipe gives their number, by the name of the schedule or by `num_chains` for
    /// a CSV file. The timeline gives the ranks of the stages.
    private static func chains(
        of timeline: Timeline, _ parallelism: Recipe.ParallelismSection, experts: Int
    ) throws(RunCostsError) -> [Chain] {
        var rankOfStage: [Int: Int] = [:]
        var microbatches = 0
        for span in timeline.spans {
            guard let action = timeline.event(of: span).action else { continue }
            let rank = timeline.lanes[Int(span.lane)].rank
            if rank.isMultiple(of: experts) { rankOfStage[action.stage] = rank / experts }
            microbatches = max(microbatches, action.microbatch + 1)
        }
        let stageCount = (rankOfStage.keys.max() ?? -1) + 1
        let isBidirectional = BuiltInSchedule(named: parallelism.pipelineParallelSchedule)
            .map(PlacementFamily.bidirectional.builtIns.contains)
        let chainCount = isBidirectional.map { $0 ? 2 : 1 } ?? max(parallelism.numChains, 1)
        guard chainCount > 0, stageCount > 0, rankOfStage.count == stageCount, stageCount.isMultiple(of: chainCount)
        else {
            throw RunCostsError(
                "the timeline has \(rankOfStage.count) of \(stageCount) stages, which do not form "
                    + "\(chainCount) \(chainCount == 1 ? "chain" : "chains")")
        }
        let length = stageCount / chainCount
        return (0..<chainCount).map { chain in
            let stages = chain * length..<(chain + 1) * length
            return Chain(stages: stages, ranks: stages.map { rankOfStage[$0] ?? 0 }, microbatchCount: microbatches)
        }
    }

    /// Returns the costs of one chain. The cost of each stage is the mean over its copies in all chains.
    private static func averaged(_ costs: PipelineCosts, over chains: [Chain]) -> PipelineCosts {
        var result = costs
        result.stages = chains[0].stages.indices.map { index in
            let copies = chains.map { costs.stage($0.stages.lowerBound + index) }
            func mean(_ part: (StageCosts) -> Int64) -> Int64 { copies.map(part).reduce(0, +) / Int64(copies.count) }
            return StageCosts(
                forward: mean(\.forward), inputGradient: mean(\.inputGradient),
                weightGradient: mean(\.weightGradient))
        }
        return result
    }
}

/// A timeline that does not match the recipe of its run.
public struct RunCostsError: Error, Hashable, CustomStringConvertible {
    /// The difference between the timeline and the recipe, in one line.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
