public import PipelineSchedules

/// An estimate of the private memory of one rank, without libtorch's code, which ranks share.
///
/// On Linux with libtorch 2.13, the presets `shakespeare` and `shakespeare-long` took 1.0 and 1.1 times the estimate
/// (`RssAnon` of all ranks together).
public struct RankMemory: Hashable, Sendable {
    /// The factor by which the estimate may be too high. A recipe is refused only if the estimate exceeds the available
    /// memory by more than this factor.
    public static let doubt = 1.3

    /// The bytes of the data of libtorch and of the process.
    public let runtime: Double
    /// The bytes of parameters, gradients and the two moments of AdamW.
    public let parameters: Double
    /// The bytes of activations at the schedule's peak, including those of the current action.
    public let activations: Double

    /// The total bytes.
    public var total: Double { runtime + parameters + activations }
}

extension [RankMemory] {
    /// The memory of the rank that takes the most; nil without ranks.
    package var largest: RankMemory? { self.max { $0.total < $1.total } }
}

extension Recipe {
    /// Returns the memory of each pipeline rank. The ranks of an expert-parallel group take the same memory.
    ///
    /// - Parameter schedule: The schedule that the recipe's preflight returned.
    /// - Complexity: O(actions).
    public func memory(_ schedule: Schedule) -> [RankMemory] {
        let stages = stageContents(schedule)
        let sizes = ActivationSizes(self)
        let type = resolvedModel.dtype
        let width = Double(type.width)
        let perStage = stages.map { sizes.elements(of: $0) * width }
        return rankContents(schedule).enumerated().map { rank, held in
            let own = schedule.stages(ofRank: rank).map { perStage[$0] }.max() ?? 0
            return RankMemory(
                runtime: 65e6, parameters: Double(parameters(of: held) * type.trainedWidth),
                activations: peak(schedule.rows[rank], perStage) + own)
        }
    }

    /// Returns the peak number of bytes that forward passes keep for backward passes.
    private func peak(_ row: [Step], _ bytes: [Double]) -> Double {
        var live = 0.0
        var peak = 0.0
        for step in row {
            step.forEachAction { action in
                if action.kind == .forward { live += bytes[action.stage] }
            }
            peak = max(peak, live)
            step.forEachAction { action in
                if action.kind == .backward || action.kind == .weightGradient { live -= bytes[action.stage] }
            }
        }
        return peak
    }
}
