public import PipelineSchedules

/// When every step of a schedule runs under given costs.
///
/// A step starts once its rank is free and everything it needs has arrived; an overlapped pair starts when both of its
/// actions can and ends as one. The model is exact and deterministic: no rank is slower than its costs and the
/// stragglers say, and sends hold no rank up.
public struct Simulation: Sendable {
    /// The schedule that was simulated.
    public let schedule: Schedule
    /// What its actions cost.
    public let costs: PipelineCosts
    /// The start of each step, rank after rank, in nanoseconds.
    let startTable: [Int64]
    /// Where each rank's steps begin in the table, and at last where the last one's end.
    let offsets: [Int]
    /// Ranks that were slower than their costs say.
    let stragglers: Stragglers?
    private let lengths: StepLengths

    /// Simulates a schedule.
    ///
    /// - Parameters:
    ///   - schedule: The schedule, with or without its transfers written out; these take no time of their rank.
    ///   - costs: What its actions cost.
    ///   - stragglers: Ranks that are slower than their costs say.
    /// - Throws: `ScheduleError` where the schedule cannot run.
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
            preconditionFailure("a valid schedule neither stands still nor names what does not exist")
        }
        self.schedule = schedule
        self.costs = costs
        self.offsets = offsets
        self.stragglers = stragglers
        startTable = starts
        lengths = StepLengths(costs, stageCount: layout.stageCount)
    }

    /// The start of each step, in nanoseconds: `starts[rank][position]`. An idle step starts where the last step ended.
    /// O(steps); ``start(ofRank:position:)`` gives one.
    public var starts: [[Int64]] { schedule.rows.indices.map { Array(startTable[offsets[$0]..<offsets[$0 + 1]]) } }

    /// The length of each step, in nanoseconds. O(steps); ``duration(ofRank:position:)`` gives one.
    public var durations: [[Int64]] {
        schedule.rows.indices.map { rank in schedule.rows[rank].indices.map { duration(ofRank: rank, position: $0) } }
    }

    /// When a rank's step starts, in nanoseconds.
    public func start(ofRank rank: Int, position: Int) -> Int64 { startTable[offsets[rank] + position] }

    /// How long a rank's step takes, in nanoseconds.
    public func duration(ofRank rank: Int, position: Int) -> Int64 {
        let length = lengths.length(of: schedule.rows[rank][position])
        return stragglers?.slowed(length, rank: rank, position: offsets[rank] + position) ?? length
    }

    /// When a rank's step ends, in nanoseconds.
    func end(ofRank rank: Int, position: Int) -> Int64 {
        start(ofRank: rank, position: position) + duration(ofRank: rank, position: position)
    }

    /// From the start of the step to the end of its last action, in nanoseconds.
    public var makespan: Int64 { schedule.rows.indices.map(end(ofRank:)).max() ?? 0 }

    /// The makespan and what follows it: the reduction of gradients and the optimizer's step, in nanoseconds.
    public var stepTime: Int64 { makespan + costs.finish }

    /// The longest time from any rank's first action to its last one's end, in nanoseconds: what a step takes where no
    /// barrier separates it from the next, as with the zero-bubble papers' optimizer.
    public var period: Int64 {
        schedule.rows.indices.map { end(ofRank: $0) - (firstStart(ofRank: $0) ?? 0) }.max() ?? 0
    }

    /// When a rank's last step ends, in nanoseconds.
    public func end(ofRank rank: Int) -> Int64 {
        let last = schedule.rows[rank].count - 1
        return last < 0 ? 0 : end(ofRank: rank, position: last)
    }

    /// When a rank's first action starts, in nanoseconds; nil where it has none.
    public func firstStart(ofRank rank: Int) -> Int64? {
        schedule.rows[rank].firstIndex { $0 != .idle }.map { start(ofRank: rank, position: $0) }
    }

    /// How long a rank computes, in nanoseconds. O(steps).
    public func busy(ofRank rank: Int) -> Int64 {
        schedule.rows[rank].indices.reduce(0) { $0 + duration(ofRank: rank, position: $1) }
    }

    /// The part of the makespan in which a rank does not compute, 0 to 1.
    public func bubbleShare(ofRank rank: Int) -> Double {
        makespan == 0 ? 0 : 1 - Double(busy(ofRank: rank)) / Double(makespan)
    }

    /// The part of all ranks' time in which they do not compute, 0 to 1.
    public var bubbleShare: Double {
        let makespan = makespan
        let busy = schedule.rows.indices.reduce(0) { $0 + self.busy(ofRank: $1) }
        return makespan == 0 ? 0 : 1 - Double(busy) / (Double(makespan) * Double(schedule.rankCount))
    }
}

extension Schedule {
    /// The layout, once it is sure that the chains can be simulated; what the actions name is checked where they run.
    fileprivate func layoutForSimulation() throws(ScheduleError) -> StageLayout {
        try checkChains()
        // Every cell has a forward, so that a wild micro-batch number in a file costs no memory.
        let cells = chains.reduce(0) { $0 + Double($1.stages.count) * Double($1.microbatchCount) }
        if cells > Double(2 * rows.reduce(0) { $0 + $1.count }) {
            try validate()
            preconditionFailure("a valid schedule has no more cells than actions")
        }
        return StageLayout(chains)
    }
}
