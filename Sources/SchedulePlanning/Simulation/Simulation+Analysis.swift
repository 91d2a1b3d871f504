import PipelineSchedules

extension Simulation {
    /// Where a rank's idle time lies, in nanoseconds.
    public struct Bubble: Hashable, Sendable {
        /// Before the rank's first action.
        public let start: Int64
        /// Between its first action and its last.
        public let middle: Int64
        /// After its last action, until the last rank ends.
        public let end: Int64

        /// All of it.
        public var total: Int64 { start + middle + end }
    }

    /// Where a rank's idle time lies. O(steps).
    public func bubble(ofRank rank: Int) -> Bubble {
        let makespan = makespan
        guard let first = firstStart(ofRank: rank) else { return Bubble(start: makespan, middle: 0, end: 0) }
        let end = end(ofRank: rank)
        return Bubble(start: first, middle: end - first - busy(ofRank: rank), end: makespan - end)
    }

    /// One change of what a rank holds.
    public struct MemoryChange: Hashable, Sendable {
        /// When, in nanoseconds.
        public let time: Int64
        /// How much the rank holds from then on: bytes where the costs know them, else activations of one stage.
        public let amount: Int64
    }

    /// How much a rank holds over time: its stages' parameters, and a micro-batch's activation from the start of its
    /// forward to the end of its backward. Where the costs know bytes, a weight gradient that is put off keeps its own
    /// part from the input gradient's end to its own; else it keeps the whole activation. O(steps).
    public func memory(ofRank rank: Int) -> [MemoryChange] {
        var amount = schedule.stages(ofRank: rank).reduce(0) { $0 + (costs.memory(ofStage: $1)?.parameters ?? 0) }
        var changes = [MemoryChange(time: 0, amount: amount)]
        func change(_ difference: Int64, at time: Int64) {
            guard difference != 0 else { return }
            amount += difference
            if changes[changes.count - 1].time == time { changes.removeLast() }
            changes.append(MemoryChange(time: time, amount: amount))
        }
        for (position, step) in schedule.rows[rank].enumerated() {
            let start = start(ofRank: rank, position: position)
            let end = end(ofRank: rank, position: position)
            step.forEachAction { action in
                if action.kind == .forward { change(costs.memory(ofStage: action.stage)?.activation ?? 1, at: start) }
            }
            step.forEachAction { action in
                let memory = costs.memory(ofStage: action.stage)
                switch action.kind {
                case .backward: change(-(memory?.activation ?? 1), at: end)
                case .inputGradient: change(memory.map { $0.weightGradient - $0.activation } ?? 0, at: end)
                case .weightGradient: change(-(memory?.weightGradient ?? 1), at: end)
                default: break
                }
            }
        }
        return changes
    }

    /// The most that a rank holds at once, in the unit of ``memory(ofRank:)``.
    ///
    /// Changes at one time count in their order: what a forward needs is there before what ends then is freed only
    /// where it starts before.
    public func peakMemory(ofRank rank: Int) -> Int64 { memory(ofRank: rank).map(\.amount).max() ?? 0 }

    /// A step that bounds the makespan.
    public struct CriticalStep: Hashable, Sendable {
        /// The rank.
        public let rank: Int
        /// The position in its row.
        public let position: Int
        /// When it starts, in nanoseconds.
        public let start: Int64
        /// How long it takes, in nanoseconds.
        public let duration: Int64
    }

    /// The steps that bound the makespan, first to last: each starts when the one before it, on its rank or where its
    /// input came from, lets it. Shortening none of the others makes the step shorter. O(actions).
    public var criticalPath: [CriticalStep] {
        guard let last = schedule.rows.indices.max(by: { end(ofRank: $0) < end(ofRank: $1) }),
            !schedule.rows[last].isEmpty
        else { return [] }
        let positions = StepPositions(schedule)
        var path: [CriticalStep] = []
        var next: (rank: Int, position: Int)? = (last, schedule.rows[last].count - 1)
        while let (rank, position) = next {
            let start = start(ofRank: rank, position: position)
            let step = schedule.rows[rank][position]
            if step != .idle {
                path.append(
                    CriticalStep(
                        rank: rank, position: position, start: start,
                        duration: duration(ofRank: rank, position: position)))
            }
            guard start > 0 else { break }
            let isBehindPrevious = position > 0 && end(ofRank: rank, position: position - 1) == start
            next = isBehindPrevious ? (rank, position - 1) : awaited(rank, start, step, positions)
        }
        return path.reversed()
    }

    /// The step whose result arrives when `step` starts.
    func awaited(_ rank: Int, _ start: Int64, _ step: Step, _ positions: StepPositions) -> (rank: Int, position: Int)? {
        var found: (rank: Int, position: Int)?
        step.forEachAction { action in
            guard let source = positions.source(of: action) else { return }
            let end = end(ofRank: source.rank, position: source.position)
            if end + costs.transfer(from: source.rank, to: rank) == start { found = source }
        }
        return found
    }
}
