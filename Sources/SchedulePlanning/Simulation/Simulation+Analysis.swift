import PipelineSchedules

extension Simulation {
    /// The idle time of a rank, in nanoseconds.
    public struct Bubble: Hashable, Sendable {
        /// The idle time before the rank's first action.
        public let start: Int64
        /// The idle time between the rank's first action and its last.
        public let middle: Int64
        /// The idle time from the rank's last action to the end of the last rank.
        public let end: Int64

        /// The total idle time.
        public var total: Int64 { start + middle + end }
    }

    /// Returns the idle time of a rank. O(steps).
    public func bubble(ofRank rank: Int) -> Bubble {
        let makespan = makespan
        guard let first = firstStart(ofRank: rank) else { return Bubble(start: makespan, middle: 0, end: 0) }
        let end = end(ofRank: rank)
        return Bubble(start: first, middle: end - first - busy(ofRank: rank), end: makespan - end)
    }

    /// A change of the amount of memory that a rank holds.
    public struct MemoryChange: Hashable, Sendable {
        /// The time of the change, in nanoseconds.
        public let time: Int64
        /// The amount that the rank holds from then on: bytes if the costs have memory figures, else activations of one
        /// stage.
        public let amount: Int64
    }

    /// Returns the amount of memory that a rank holds over time: the parameters of its stages, and the activation of
    /// each micro-batch from the start of its forward to the end of its backward. If the costs have memory figures, a
    /// deferred weight gradient keeps its own part from the end of the input gradient to its own end; otherwise it
    /// keeps the whole activation. O(steps).
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

    /// Returns the peak amount of memory that a rank holds, in the unit of ``memory(ofRank:)``.
    ///
    /// Changes at the same time are combined: memory that an action frees at its end is available to an action that
    /// starts at that time.
    public func peakMemory(ofRank rank: Int) -> Int64 { memory(ofRank: rank).map(\.amount).max() ?? 0 }

    /// A step on the critical path.
    public struct CriticalStep: Hashable, Sendable {
        /// The rank of the step.
        public let rank: Int
        /// The position of the step in its rank's row.
        public let position: Int
        /// The start of the step, in nanoseconds.
        public let start: Int64
        /// The length of the step, in nanoseconds.
        public let duration: Int64
    }

    /// The critical path: the steps that determine the makespan, first to last. Each starts when the one before it ends
    /// on the same rank, or when the result of the one before it arrives. Shortening other steps does not shorten the
    /// makespan. O(actions).
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

    /// Returns the step whose result arrives when `step` starts; nil if there is none.
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
