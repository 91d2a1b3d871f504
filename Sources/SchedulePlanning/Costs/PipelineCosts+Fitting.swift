public import PipelineSchedules
public import Timelines

extension PipelineCosts {
    /// Costs fitted to a timeline of a simulation or a training run.
    ///
    /// If the timeline has segments, the cost of an action is the median over micro-batches of the compute time of its
    /// segments, plus the exposed exchange time: the median time, over all stages, that actions running alone take
    /// beyond their segments. Without segments, a cost is the median length of a stage's actions that run alone; if no
    /// backward is split, I and W get half of B each. A stage without samples takes the median of the others.
    ///
    /// A forward and a backward with equal intervals are an overlapped pair. The median fraction that pairs save
    /// becomes `overlapSaving`. The transfer is the shortest time from the end of an action to the start of the action
    /// that an idle rank runs on its result, because any other delay only adds to this time.
    ///
    /// - Parameter experts: The number of consecutive ranks per pipeline rank. Only the first of each group is read.
    /// - Throws: ``CostFitError`` if the timeline has neither segments nor a forward and a backward that run alone.
    /// - Complexity: O(n log n) for n spans.
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

/// An error for a timeline that does not show what a stage costs.
public struct CostFitError: Error, Hashable, CustomStringConvertible {
    /// The action that the timeline lacks.
    public let missing: String

    /// One line: what is missing, and the remedy.
    public var description: String {
        "the timeline has no \(missing) that runs alone: record a step of a schedule that has some, such as 1f1b"
    }
}
