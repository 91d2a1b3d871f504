public import PipelineSchedules

/// The figures by which schedules are compared.
public struct ScheduleSummary: Sendable {
    /// The schedule's name.
    public let name: String
    /// How long a step takes, in nanoseconds.
    public let stepTime: Int64
    /// The part of all ranks' time in which they do not compute, 0 to 1.
    public let bubbleShare: Double
    /// The most activations that a rank holds, in micro-batches of a rank's share of the model, so that schedules of
    /// more stages compare.
    public let peakActivations: Double
    /// The most stages that a rank holds.
    public let stagesPerRank: Int
    /// The parameters of a device, in a rank's shares of the model.
    public let parameters: Double
    /// The number of ranks.
    public let devices: Int
    /// Micro-batches per second and device.
    public let throughput: Double
    /// The most bytes that a rank holds at once; nil if the costs do not know bytes.
    public let peakMemory: Int64?
    /// What no schedule of this placement beats, in nanoseconds; nil if no bound was given.
    public let bound: Int64?
    /// The simulation that the figures come from.
    public let simulation: Simulation

    /// Simulates a schedule.
    ///
    /// - Parameters:
    ///   - schedule: The schedule.
    ///   - costs: What a rank's share of the model costs.
    ///   - stragglers: Ranks that are slower than their costs say.
    ///   - bound: What no schedule of this placement beats, in nanoseconds.
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

    /// How far the step is above the bound, as a part of the bound; nil without a bound.
    public var gap: Double? { bound.map { Double(stepTime) / Double(max($0, 1)) - 1 } }

    /// The order of a comparison: the shortest step first, then the fewest parameters, then the fewest activations.
    public static func precedes(_ one: ScheduleSummary, _ other: ScheduleSummary) -> Bool {
        (one.stepTime, one.parameters, one.peakActivations) < (other.stepTime, other.parameters, other.peakActivations)
    }
}
