public import PipelineSchedules

/// The simulation of a schedule under given costs: when every step runs.
///
/// A step starts as soon as its rank is free and its inputs have arrived. An overlapped pair starts when both of its
/// actions can start, and ends as one. The model is exact and deterministic: ranks deviate from their costs only as the
/// stragglers say, and sends do not block ranks.
public struct Simulation: Sendable {
    /// The schedule that was simulated.
    public let schedule: Schedule
    /// The costs of the schedule's actions.
    public let costs: PipelineCosts
    /// The start of each step, rank after rank, in nanoseconds.
    let startTable: [Int64]
    /// The index of each rank's first step in the table, and finally the length of the table.
    let offsets: [Int]
    /// The deviations of ranks from their costs.
    let stragglers: Stragglers?
    private let lengths: StepLengths

    /// Simulates a schedule.
    ///
    /// - Parameters:
    ///   - schedule: The schedule, with or without explicit transfers. Explicit transfers do not occupy their rank.
    ///   - costs: The costs of the schedule's actions.
    ///   - stragglers: Deviations of ranks from their costs.
    /// - Throws: `ScheduleError` if the schedule cannot run.
    /// - Complexity: O(actions).
    public init(_ schedule: Schedule, costs: PipelineCosts, stragglers: Stragglers? = nil) throws(ScheduleError) {
        let layout = try schedule.layoutForSimulation()
        var offsets = [0]
        offsets.reserveCapacity(schedule.rankCount + 1)
        for row in schedule.rows { offsets.append(offsets[offsets.count - 1] + row.count) }
        let count = offsets[offsets.count - 1]
        var loop = SimulationLoop(layout, costs: costs, rankCount: schedule.rankCount)
        var isFinished = false
        let starts = [Int64](largePagesFor: count) { starts in
            isFinished = loop.run(schedule.rows, offsets: offsets, stragglers: stragglers, starts: starts.baseAddress)
            return isFinished ? count : 0
        }
        guard isFinished else {
            try schedule.validate()
            preconditionFailure("a valid schedule has no deadlock, and its actions exist")
        }
        self.schedule = schedule
        self.costs = costs
        self.offsets = offsets
        self.stragglers = stragglers
        startTable = starts
        lengths = StepLengths(costs, stageCount: layout.stageCount)
    }

    /// The start of each step, in nanoseconds: `starts[rank][position]`. An idle step starts when the previous step
    /// ends. O(steps); ``start(ofRank:position:)`` returns a single start.
    public var starts: [[Int64]] { schedule.rows.indices.map { Array(startTable[offsets[$0]..<offsets[$0 + 1]]) } }

    /// The length of each step, in nanoseconds. O(steps); ``duration(ofRank:position:)`` returns a single length.
    public var durations: [[Int64]] {
        schedule.rows.indices.map { rank in schedule.rows[rank].indices.map { duration(ofRank: rank, position: $0) } }
    }

    /// Returns the start of a rank's step, in nanoseconds.
    public func start(ofRank rank: Int, position: Int) -> Int64 { startTable[offsets[rank] + position] }

    /// Returns the length of a rank's step, in nanoseconds.
    public func duration(ofRank rank: Int, position: Int) -> Int64 {
        let length = lengths.length(of: schedule.rows[rank][position])
        return stragglers?.slowed(length, rank: rank, position: offsets[rank] + position) ?? length
    }

    /// Returns the end of a rank's step, in nanoseconds.
    func end(ofRank rank: Int, position: Int) -> Int64 {
        start(ofRank: rank, position: position) + duration(ofRank: rank, position: position)
    }

    /// The time from the start of the first action to the end of the last one, in nanoseconds.
    public var makespan: Int64 { schedule.rows.indices.map(end(ofRank:)).max() ?? 0 }

    /// The makespan plus the time that follows it, in nanoseconds: the reduction of gradients and the optimizer's step.
    public var stepTime: Int64 { makespan + costs.finish }

    /// The longest time from the first action of a rank to the end of its last one, in nanoseconds: the time per step
    /// if no barrier separates steps, as with the optimizer post-validation of the zero-bubble papers.
    public var period: Int64 {
        schedule.rows.indices.map { end(ofRank: $0) - (firstStart(ofRank: $0) ?? 0) }.max() ?? 0
    }

    /// Returns the end of a rank's last step, in nanoseconds.
    public func end(ofRank rank: Int) -> Int64 {
        let last = schedule.rows[rank].count - 1
        return last < 0 ? 0 : end(ofRank: rank, position: last)
    }

    /// Returns the start of a rank's first action, in nanoseconds; nil if the rank has none.
    public func firstStart(ofRank rank: Int) -> Int64? {
        schedule.rows[rank].firstIndex { $0 != .idle }.map { start(ofRank: rank, position: $0) }
    }

    /// Returns the compute time of a rank, in nanoseconds. O(steps).
    public func busy(ofRank rank: Int) -> Int64 {
        schedule.rows[rank].indices.reduce(0) { $0 + duration(ofRank: rank, position: $1) }
    }

    /// Returns the fraction of the makespan in which a rank does not compute, 0 to 1.
    public func bubbleShare(ofRank rank: Int) -> Double {
        makespan == 0 ? 0 : 1 - Double(busy(ofRank: rank)) / Double(makespan)
    }

    /// The fraction of all ranks' time in which the ranks do not compute, 0 to 1.
    public var bubbleShare: Double {
        let makespan = makespan
        let busy = schedule.rows.indices.reduce(0) { $0 + self.busy(ofRank: $1) }
        return makespan == 0 ? 0 : 1 - Double(busy) / (Double(makespan) * Double(schedule.rankCount))
    }
}

extension Schedule {
    /// Returns the layout of the chains after a check that they can be simulated. The simulation itself checks the
    /// stages and micro-batches that actions name.
    fileprivate func layoutForSimulation() throws(ScheduleError) -> StageLayout {
        try checkChains()
        // Every cell needs a forward. Without this check, a huge micro-batch number in a file would allocate much
        // memory.
        let cells = chains.reduce(0) { $0 + Double($1.stages.count) * Double($1.microbatchCount) }
        if cells > Double(2 * rows.reduce(0) { $0 + $1.count }) {
            try validate()
            preconditionFailure("a valid schedule has no more cells than actions")
        }
        return StageLayout(chains)
    }
}
