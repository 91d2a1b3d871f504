import Timelines

/// When everything of a plan runs: exact and deterministic. Times are nanoseconds from the start of the step.
public struct OverlapSimulation: Hashable, Sendable {
    /// An exchange as it ran.
    public struct Exchange: Hashable, Sendable {
        /// Whether the forward or the backward started it.
        public let sequence: OverlapPlan.Pass
        /// Which segment of it.
        public let segment: Int
        /// When the channel served it.
        public let interval: Range<Int64>
        /// How long the host waited for it, busy with nothing.
        public internal(set) var exposed: Int64
    }

    /// A time in which the host waited.
    public struct Wait: Hashable, Sendable {
        /// From when to when.
        public let interval: Range<Int64>
        /// What for: an index into ``OverlapSimulation/exchanges``.
        public let exchange: Int
    }

    /// What was to run.
    public let problem: OverlapProblem
    /// In which order.
    public let plan: OverlapPlan
    /// When each segment's own work starts on the host, behind its wait.
    public private(set) var starts: [Int64] = []
    /// The exchanges in the order of their starts, which is that of their intervals too.
    public private(set) var exchanges: [Exchange] = []
    /// The times in which the host waited, in order.
    public private(set) var waits: [Wait] = []
    /// When the forward's last segment, and all that its result reads, is over; 0 without a forward.
    public private(set) var forwardEnd: Int64 = 0
    /// When the backward's is, without its weight gradients; 0 without a backward.
    public private(set) var backwardEnd: Int64 = 0
    /// When everything is over.
    public private(set) var makespan: Int64 = 0
    /// For how long the weight gradients lay, summed: from the end of the segment that each belongs to, to its own
    /// start.
    public private(set) var weightDelay: Int64 = 0

    /// Runs the segments of `plan`.
    ///
    /// An action hands its result over behind the last segment, where exchanges that the result reads may be under way;
    /// where none is, behind its own last segment.
    ///
    /// - Throws: ``OverlapPlanError`` where a segment has nothing to run or not all segments run.
    /// - Complexity: O(segments and what segments read).
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

    /// How far a sequence has come.
    private struct Progress {
        let segments: [PassSegment]
        var position = 0
        /// Where the exchange of each segment stands among all; -1 for none.
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

    /// Waits for the exchanges of segments, and says when the last of them ended.
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

    /// How long the host was busy: segments that compute, weight gradients and starts of exchanges.
    public var busy: Int64 { makespan - exposed }

    /// How long the host waited for exchanges.
    public var exposed: Int64 { exchanges.reduce(0) { $0 + $1.exposed } }

    /// How long the channel was busy.
    public var communication: Int64 { exchanges.reduce(0) { $0 + $1.interval.upperBound - $1.interval.lowerBound } }

    /// The part of ``communication`` under which the host was busy, 0 to 1; nil without communication. An exchange that
    /// nothing reads counts as hidden.
    public var hiddenShare: Double? { TimeBreakdown.hiddenShare(communication - exposed, of: communication) }
}
