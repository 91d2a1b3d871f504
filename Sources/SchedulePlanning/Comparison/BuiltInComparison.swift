public import PipelineSchedules

/// A comparison of the built-in schedules under one set of costs and limits.
public struct BuiltInComparison: Sendable {
    /// A schedule that is excluded, with the reason.
    public enum Exclusion: Sendable {
        /// The schedule is not defined for the sizes.
        case size(ScheduleSizeError)
        /// The schedule holds more activations than the limit.
        case activations(ScheduleSummary)
        /// The schedule holds more bytes than the limit.
        case memory(ScheduleSummary, bytes: Int64)
    }

    /// The schedules that fit, in the order of `BuiltInSchedule`.
    public private(set) var summaries: [ScheduleSummary] = []
    /// The schedules that do not fit, with the reasons.
    public private(set) var exclusions: [Exclusion] = []
    /// The schedule that holds the fewest activations, whether it fits or not.
    public private(set) var leanest: ScheduleSummary?

    /// Builds and simulates every built-in schedule.
    ///
    /// - Parameters:
    ///   - ranks: The number of ranks in the pipeline.
    ///   - microbatches: The number of micro-batches per training step, over all chains.
    ///   - chunks: The number of stages per rank, for schedules that do not fix it.
    ///   - costs: The costs of a rank's share of the model.
    ///   - stragglers: Deviations of ranks from the costs.
    ///   - activationLimit: The maximum number of activations per rank, in micro-batches of a rank's share; nil for no
    ///     limit.
    ///   - memoryLimit: The maximum number of bytes per rank; nil for no limit.
    /// - Throws: `ScheduleError` if a built-in schedule is not valid.
    public init(
        ranks: Int, microbatches: Int, chunks: Int, costs: PipelineCosts, stragglers: Stragglers? = nil,
        activationLimit: Double? = nil, memoryLimit: Double? = nil
    ) throws(ScheduleError) {
        for builtIn in BuiltInSchedule.allCases {
            let schedule: Schedule
            do {
                schedule = try builtIn.build(ranks: ranks, microbatches: microbatches, chunks: chunks)
            } catch {
                exclusions.append(.size(error))
                continue
            }
            let summary = try ScheduleSummary(schedule, costs: costs, stragglers: stragglers)
            if summary.peakActivations < leanest?.peakActivations ?? .infinity { leanest = summary }
            if let activationLimit, summary.peakActivations > activationLimit {
                exclusions.append(.activations(summary))
            } else if let bytes = summary.peakMemory, let memoryLimit, Double(bytes) > memoryLimit {
                exclusions.append(.memory(summary, bytes: bytes))
            } else {
                summaries.append(summary)
            }
        }
    }
}
