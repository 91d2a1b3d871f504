public import PipelineSchedules

/// An estimate of the memory that one rank takes of its own; libtorch's code, which ranks share, is not in it.
///
/// Measured on Linux with libtorch 2.13 (`RssAnon` of all ranks together), the presets `shakespeare` and
/// `shakespeare-long` took 1.0 and 1.1 times it.
public struct RankMemory: Hashable, Sendable {
    /// The factor by which the estimate may be too high: whoever refuses by it does so beyond this alone.
    public static let doubt = 1.3

    /// Bytes of libtorch's and the process's own data.
    public let runtime: Double
    /// Bytes of parameters with their gradients and the two moments of AdamW.
    public let parameters: Double
    /// Bytes of activations at the schedule's peak, with what the step that is under way computes with.
    public let activations: Double

    /// All bytes.
    public var total: Double { runtime + parameters + activations }
}

extension Recipe {
    /// The memory of each rank of the pipeline; the ranks of an expert-parallel group are alike.
    ///
    /// - Parameter schedule: What the recipe's preflight has returned.
    /// - Complexity: O(actions).
    public func memory(_ schedule: Schedule) -> [RankMemory] {
        let stages = stageContents(schedule)
        let sizes = ActivationSizes(self)
        let width = Double(model.dtype.width)
        let perStage = stages.map { sizes.elements(of: $0) * width }
        return rankContents(schedule).enumerated().map { rank, held in
            let own = schedule.stages(ofRank: rank).map { perStage[$0] }.max() ?? 0
            return RankMemory(
                runtime: 65e6, parameters: Double(parameters(of: held)) * width * 4,
                activations: peak(schedule.rows[rank], perStage) + own)
        }
    }

    /// The most bytes that forwards have left for backwards at once.
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
