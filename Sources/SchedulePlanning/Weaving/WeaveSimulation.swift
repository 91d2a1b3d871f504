/// When everything of a weave runs: exact and deterministic. Times are nanoseconds from the start of the step.
public struct WeaveSimulation: Hashable, Sendable {
    /// An exchange as it ran.
    public struct Exchange: Hashable, Sendable {
        /// Whether the forward or the backward started it.
        public let sequence: Weave.Turn
        /// Which part of it.
        public let part: Int
        /// When the channel served it.
        public let interval: Range<Int64>
        /// How long the host waited for it, busy with nothing.
        public internal(set) var exposed: Int64
    }

    /// A time in which the host waited.
    public struct Wait: Hashable, Sendable {
        /// From when to when.
        public let interval: Range<Int64>
        /// What for: an index into ``WeaveSimulation/exchanges``.
        public let exchange: Int
    }

    /// What was to run.
    public let problem: WeaveProblem
    /// In which order.
    public let weave: Weave
    /// When each turn's own work starts on the host, behind its wait.
    public private(set) var starts: [Int64] = []
    /// The exchanges in the order of their starts, which is that of their intervals too.
    public private(set) var exchanges: [Exchange] = []
    /// The times in which the host waited, in order.
    public private(set) var waits: [Wait] = []
    /// When the forward's last part, and all that its result reads, is over; 0 without a forward.
    public private(set) var forwardEnd: Int64 = 0
    /// When the backward's is, without its weight gradients; 0 without a backward.
    public private(set) var backwardEnd: Int64 = 0
    /// When everything is over.
    public private(set) var makespan: Int64 = 0
    /// For how long the weight gradients lay, summed: from the end of the part that each belongs to, to its own start.
    public private(set) var weightDelay: Int64 = 0

    /// Runs the turns of `weave`.
    ///
    /// An action hands its result over behind the last turn, where exchanges that the result reads may be under way; where
    /// none is, behind its own last part.
    ///
    /// - Throws: ``WeaveFault`` where a turn has nothing to run or not all parts run.
    /// - Complexity: O(turns and what parts read).
    public init(_ weave: Weave, of problem: WeaveProblem) throws(WeaveFault) {
        try problem.check(weave)
        self.problem = problem
        self.weave = weave
        starts.reserveCapacity(weave.turns.count)
        var forward = Progress(problem.forward)
        var backward = Progress(problem.backward)
        var backwardEnds: [Int64] = []
        var time: Int64 = 0
        var weight = 0
        for turn in weave.turns {
            switch turn {
            case .forward:
                run(.forward, &forward, &time)
                forwardEnd = time
            case .backward:
                run(.backward, &backward, &time)
                backwardEnds.append(time)
                backwardEnd = time
            case .weights:
                starts.append(time)
                let part = problem.weights[weight]
                weightDelay += time - (part.after.map { backwardEnds[$0] } ?? 0)
                time += part.cost
                weight += 1
            }
        }
        backwardEnd = max(backwardEnd, awaitAll(problem.backward.resultReads, backward, &time))
        forwardEnd = max(forwardEnd, awaitAll(problem.forward.resultReads, forward, &time))
        makespan = time
    }

    /// How far a sequence has come.
    private struct Progress {
        let parts: [WeavePart]
        var position = 0
        /// Where the exchange of each part stands among all; -1 for none.
        var exchanges: [Int]

        init(_ sequence: WeaveSequence) {
            parts = sequence.parts
            exchanges = Array(repeating: -1, count: sequence.parts.count)
        }
    }

    private mutating func run(_ turn: Weave.Turn, _ progress: inout Progress, _ time: inout Int64) {
        let part = progress.parts[progress.position]
        _ = awaitAll(part.reads, progress, &time)
        starts.append(time)
        switch part.resource {
        case .compute:
            time += part.cost
        case .channel:
            time += part.startCost
            let start = max(time, exchanges.last?.interval.upperBound ?? 0)
            progress.exchanges[progress.position] = exchanges.count
            exchanges.append(
                Exchange(sequence: turn, part: progress.position, interval: start..<start + part.cost, exposed: 0))
        }
        progress.position += 1
    }

    /// Waits for the exchanges of parts, and says when the last of them ended.
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
}
