public import PipelineSchedules
public import Timelines

extension PipelineCosts {
    /// Costs that explain a timeline: a simulated one, or one that a training run recorded.
    ///
    /// A cost is the median over micro-batches of what an action's parts compute, wherever they ran, and the median of
    /// what actions that run alone take beyond their parts, over all stages: exposed exchanges. Without parts it is the
    /// median of what the stage's actions take that run alone; a stage without split backwards gets half of B each for
    /// I and W then. A stage without either takes the others' median. A forward and a backward of one extent are an
    /// overlapped pair; the median part that pairs save becomes `overlapSaving`. The transfer is the shortest time from
    /// the end of what an idle rank waited for to its start, as whatever else delays a start only adds to it.
    ///
    /// - Parameter experts: How many consecutive ranks share a place of the pipeline; the first of them stands for all.
    /// - Throws: ``CostFitError`` where the timeline has no parts, and no forward or no backward that runs alone.
    /// - Complexity: O(n log n) in its spans.
    public init(fitting timeline: Timeline, chains: [Chain], experts: Int = 1) throws(CostFitError) {
        let samples = CostSamples(timeline, chains: chains, experts: experts)
        guard let forward = samples.costs(of: .forward) else { throw CostFitError(missing: "forward (F)") }
        let full = samples.costs(of: .backward)
        let input = samples.costs(of: .inputGradient)
        let weight = samples.costs(of: .weightGradient)
        guard full != nil || input != nil else { throw CostFitError(missing: "backward (B, or I and W)") }
        let stages = forward.indices.map { stage in
            let whole = full?[stage] ?? 0
            let inputGradient = input?[stage] ?? weight.map { max(whole - $0[stage], 0) } ?? whole / 2
            return StageCosts(
                forward: forward[stage], inputGradient: inputGradient,
                weightGradient: weight?[stage] ?? max(whole - inputGradient, 0))
        }
        guard !stages.isEmpty else { throw CostFitError(missing: "stage") }
        self.init(stages: stages, overlapSaving: samples.saving(stages), transfer: samples.transfer(chains))
    }
}

/// A timeline does not tell what a stage costs.
public struct CostFitError: Error, Hashable, CustomStringConvertible {
    /// What the timeline lacks.
    public let missing: String

    /// What is missing, and what would help.
    public var description: String {
        "the timeline has no \(missing) that runs alone: record a step of a schedule that has some, such as 1f1b"
    }
}
