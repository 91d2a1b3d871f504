public import PipelineSchedules

/// When every step of a schedule runs under given costs.
///
/// A step starts once its rank is free and everything it needs has arrived; an overlapped pair starts when both of its
/// actions can and ends as one. The model is exact and deterministic: no rank is slower than its costs say, and sends
/// hold nobody up.
public struct Simulation: Sendable {
    /// The schedule that was simulated.
    public let schedule: Schedule
    /// The start of each step, in nanoseconds: `starts[rank][position]`. An idle place starts where the last step ended.
    public let starts: [[Int64]]
    /// The length of each step, in nanoseconds.
    public let durations: [[Int64]]

    /// Simulates a schedule.
    ///
    /// - Throws: `ScheduleFault` where the schedule cannot run.
    /// - Complexity: O(actions).
    public init(_ schedule: Schedule, costs: PipelineCosts) throws(ScheduleFault) {
        self.schedule = schedule
        var run = SimulationRun(schedule, costs: costs)
        guard run.finish() else {
            try schedule.validate()
            preconditionFailure("a valid schedule does not stand still")
        }
        starts = run.starts
        durations = run.durations
    }

    /// From the start of the step to the end of its last action, in nanoseconds.
    public var makespan: Int64 {
        schedule.rows.indices.map(end(ofRank:)).max() ?? 0
    }

    /// When a rank's last step ends, in nanoseconds.
    public func end(ofRank rank: Int) -> Int64 {
        guard let start = starts[rank].last, let duration = durations[rank].last else { return 0 }
        return start + duration
    }

    /// How long a rank computes, in nanoseconds.
    public func busy(ofRank rank: Int) -> Int64 { durations[rank].reduce(0, +) }

    /// The part of the makespan in which a rank does not compute, 0 to 1.
    public func bubbleShare(ofRank rank: Int) -> Double {
        makespan == 0 ? 0 : 1 - Double(busy(ofRank: rank)) / Double(makespan)
    }

    /// The part of all ranks' time in which they do not compute, 0 to 1.
    public var bubbleShare: Double {
        let busy = schedule.rows.indices.reduce(0) { $0 + self.busy(ofRank: $1) }
        return makespan == 0 ? 0 : 1 - Double(busy) / (Double(makespan) * Double(schedule.rankCount))
    }
}
