public import PipelineSchedules

/// The figures by which schedules are compared.
public struct ScheduleSummary: Sendable {
    /// The schedule's name.
    public let name: String
    /// The step time, in nanoseconds.
    public let stepTime: Int64
    /// The fraction of all ranks' time in which the ranks do not compute, 0 to 1.
    public let bubbleShare: Double
    /// The peak number of activations of any rank, in micro-batches of a rank's share of the model. This unit makes
    /// schedules with different numbers of stages comparable.
    public let peakActivations: Double
    /// The largest number of stages per rank.
    public let stagesPerRank: Int
    /// The parameters per device, in multiples of a rank's share of the model.
    public let parameters: Double
    /// The number of ranks.
    public let devices: Int
    /// Micro-batches per second per device.
    public let throughput: Double
    /// The peak memory of any rank, in bytes; nil if the costs have no memory figures.
    public let peakMemory: Int64?
    /// The lower bound for this placement, in nanoseconds; nil if none was given.
    public let bound: Int64?
    /// The simulation that these figures come from.
    public let simulation: Simulation

    /// Simulates a schedule.
    ///
    /// - Parameters:
    ///   - schedule: The schedule.
    ///   - costs: The costs of a rank's share of the model.
    ///   - stragglers: Deviations of ranks from the costs.
    ///   - bound: The lower bound for this placement, in nanoseconds.
    /// - Throws: `ScheduleError` if the schedule is not valid.
    public init(
        _ schedule: Schedule, costs: PipelineCosts, stragglers: Stragglers? = nil, bound: Int64? = nil
    ) throws(ScheduleError) {
        let report = try schedule.validate()
        simulation = try Simulation(schedule, costs: costs.fitted(to: schedule), stragglers: stragglers)
        name = schedule.name
        stepTime = simulation.stepTime
        bubbleShare = simulation.bubbleShare
        peakActivations = Double(report.peakActivations.max() ?? 0) * schedule.stageShare
        stagesPerRank = schedule.rows.indices.map { schedule.stages(ofRank: $0).count }.max() ?? 0
        parameters = Double(stagesPerRank) * schedule.stageShare
        devices = schedule.rankCount
        let seconds = Double(stepTime) * 1e-9 * Double(schedule.rankCount)
        throughput = seconds == 0 ? 0 : Double(schedule.microbatchCount) / seconds
        if costs.memory.isEmpty {
            peakMemory = nil
        } else {
            peakMemory = schedule.rows.indices.map { [simulation] in simulation.peakMemory(ofRank: $0) }.max()
        }
        self.bound = bound
    }

    /// The difference between the step time and the bound, as a fraction of the bound; nil without a bound.
    public var gap: Double? { bound.map { Double(stepTime) / Double(max($0, 1)) - 1 } }

    /// Returns whether one schedule ranks before another: the shorter step first, then fewer parameters, then fewer
    /// activations.
    public static func precedes(_ one: ScheduleSummary, _ other: ScheduleSummary) -> Bool {
        (one.stepTime, one.parameters, one.peakActivations) < (other.stepTime, other.parameters, other.peakActivations)
    }
}
