public import PipelineSchedules

/// The schedules with a name, compared under one set of costs and limits.
public struct BuiltInComparison: Sendable {
    /// A schedule that does not take part, and why.
    public enum Exclusion: Sendable {
        /// The schedule is not defined for the sizes.
        case size(ScheduleSizeError)
        /// It holds more activations than the limit.
        case activations(ScheduleSummary)
        /// It holds more bytes than the limit.
        case memory(ScheduleSummary, bytes: Int64)
    }

    /// The schedules that fit, in the order of `BuiltInSchedule`.
    public private(set) var summaries: [ScheduleSummary] = []
    /// The schedules that do not.
    public private(set) var exclusions: [Exclusion] = []
    /// The schedule that holds the fewest activations, whether it fits or not.
    public private(set) var leanest: ScheduleSummary?

    /// Builds and simulates every schedule.
    ///
    /// - Parameters:
    ///   - ranks: Ranks of the pipeline.
    ///   - microbatches: Micro-batches of a step, over all chains.
    ///   - chunks: Stages per rank of the schedules that leave the number open.
    ///   - costs: What a rank's share of the model costs.
    ///   - stragglers: Ranks that are slower than their costs say.
    ///   - activationLimit: The most activations per rank, in micro-batches of a rank's share; nil for no limit.
    ///   - memoryLimit: The most bytes per rank; nil for no limit.
    /// - Throws: `ScheduleError` if a built schedule were not valid.
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
