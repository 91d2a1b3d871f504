import Timelines

/// The simulation of an overlap plan: when each segment runs. The simulation is exact and deterministic. Times are in
/// nanoseconds from the start of the step.
public struct OverlapSimulation: Hashable, Sendable {
    /// An exchange as it ran.
    public struct Exchange: Hashable, Sendable {
        /// The sequence that started the exchange, the forward or the backward.
        public let sequence: OverlapPlan.Pass
        /// The index of the segment in its sequence.
        public let segment: Int
        /// The interval in which the channel served the exchange.
        public let interval: Range<Int64>
        /// The time for which the host waited for the exchange and was idle.
        public internal(set) var exposed: Int64
    }

    /// A wait of the host.
    public struct Wait: Hashable, Sendable {
        /// The interval of the wait.
        public let interval: Range<Int64>
        /// The exchange that the host waited for: an index into ``OverlapSimulation/exchanges``.
        public let exchange: Int
    }

    /// The segments that ran.
    public let problem: OverlapProblem
    /// The order in which the segments ran.
    public let plan: OverlapPlan
    /// The start of each segment's own work on the host, after its wait.
    public private(set) var starts: [Int64] = []
    /// The exchanges in the order of their starts, which is also the order of their intervals.
    public private(set) var exchanges: [Exchange] = []
    /// The waits of the host, in order.
    public private(set) var waits: [Wait] = []
    /// The end of the forward: of its last segment, and of all exchanges that its result reads; 0 without a forward.
    public private(set) var forwardEnd: Int64 = 0
    /// The end of the backward, without its weight gradients; 0 without a backward.
    public private(set) var backwardEnd: Int64 = 0
    /// The end of the whole step.
    public private(set) var makespan: Int64 = 0
    /// The sum of the delays of all weight gradients. A delay lasts from the end of the segment that the weight
    /// gradient belongs to, to the start of the weight gradient.
    public private(set) var weightDelay: Int64 = 0

    /// Simulates `plan`.
    ///
    /// An action ends with its last segment, or with the last exchange that its result reads. The host waits for such
    /// exchanges after all segments have run.
    ///
    /// - Throws: ``OverlapPlanError`` if the plan does not fit the problem.
    /// - Complexity: O(segments + reads).
    public init(_ plan: OverlapPlan, of problem: OverlapProblem) throws(OverlapPlanError) {
        try problem.check(plan)
        self.problem = problem
        self.plan = plan
        starts.reserveCapacity(plan.order.count)
        var forward = Progress(problem.forward)
        var backward = Progress(problem.backward)
        var backwardEnds: [Int64] = []
        var time: Int64 = 0
        var weight = 0
        for pass in plan.order {
            switch pass {
            case .forward:
                run(.forward, &forward, &time)
                forwardEnd = time
            case .backward:
                run(.backward, &backward, &time)
                backwardEnds.append(time)
                backwardEnd = time
            case .weights:
                starts.append(time)
                let segment = problem.weights[weight]
                weightDelay += time - (segment.after.map { backwardEnds[$0] } ?? 0)
                time += segment.cost
                weight += 1
            }
        }
        backwardEnd = max(backwardEnd, awaitAll(problem.backward.resultReads, backward, &time))
        forwardEnd = max(forwardEnd, awaitAll(problem.forward.resultReads, forward, &time))
        makespan = time
    }

    /// The progress of a sequence.
    private struct Progress {
        let segments: [PassSegment]
        var position = 0
        /// The index of each segment's exchange among all exchanges; -1 if the segment has not started one.
        var exchanges: [Int]

        init(_ sequence: SegmentSequence) {
            segments = sequence.segments
            exchanges = Array(repeating: -1, count: sequence.segments.count)
        }
    }

    private mutating func run(_ pass: OverlapPlan.Pass, _ progress: inout Progress, _ time: inout Int64) {
        let segment = progress.segments[progress.position]
        _ = awaitAll(segment.reads, progress, &time)
        starts.append(time)
        switch segment.resource {
        case .compute: time += segment.cost
        case .channel:
            time += segment.startCost
            let start = max(time, exchanges.last?.interval.upperBound ?? 0)
            progress.exchanges[progress.position] = exchanges.count
            exchanges.append(
                Exchange(sequence: pass, segment: progress.position, interval: start..<start + segment.cost, exposed: 0)
            )
        }
        progress.position += 1
    }

    /// Waits for the exchanges of segments and returns the end of the last one.
    private mutating func awaitAll(_ reads: [Int], _ progress: Progress, _ time: inout Int64) -> Int64 {
        var last: Int64 = 0
        for read in reads {
            let index = progress.exchanges[read]
            let end = exchanges[index].interval.upperBound
            last = max(last, end)
            guard end > time else { continue }
            waits.append(Wait(interval: time..<end, exchange: index))
            exchanges[index].exposed += end - time
            time = end
        }
        return last
    }

    /// The time for which the host was busy with compute segments, weight gradients and starts of exchanges.
    public var busy: Int64 { makespan - exposed }

    /// The time for which the host waited for exchanges.
    public var exposed: Int64 { exchanges.reduce(0) { $0 + $1.exposed } }

    /// The time for which the channel was busy.
    public var communication: Int64 { exchanges.reduce(0) { $0 + $1.interval.upperBound - $1.interval.lowerBound } }

    /// The fraction of ``communication`` that is hidden because the host was busy, 0 to 1; nil without communication.
    /// An exchange that nothing reads counts as hidden.
    public var hiddenShare: Double? { TimeBreakdown.hiddenShare(communication - exposed, of: communication) }
}
