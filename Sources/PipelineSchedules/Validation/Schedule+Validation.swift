extension Schedule {
    /// The purpose of a schedule.
    public enum Purpose: Hashable, Sendable {
        /// Every micro-batch runs forward and backward.
        case training
        /// Every micro-batch runs forward only.
        case evaluation
    }

    /// The result of a successful validation.
    public struct ValidationReport: Hashable, Sendable {
        /// The peak number of activations of each rank. A (stage, micro-batch) has one activation from the start of its
        /// forward to the end of the last part of its backward (B or W).
        public let peakActivations: [Int]
    }

    /// Checks that the schedule can run, and that it computes every gradient exactly once.
    ///
    /// Every (stage, micro-batch) has to run forward once and backward once, as B or as I and W, on the rank that holds
    /// the stage. No rank may wait for ever. Overlapped pairs have to be independent. Explicit transfers have to be
    /// complete, in a valid position, and in the same order at both ends.
    ///
    /// - Throws: ``ScheduleError`` for the first error.
    /// - Complexity: O(actions) time; two bytes per (stage, micro-batch).
    @discardableResult
    public func validate(for purpose: Purpose = .training) throws(ScheduleError) -> ValidationReport {
        let layout = try checkedLayout()
        let writesTransfers = hasTransfers
        var validator = RowValidator(schedule: self, layout: layout, purpose: purpose, writesTransfers: writesTransfers)
        let peaks = try validator.readRows()
        try validator.checkCompleteness()
        if writesTransfers { try checkTransferOrder(layout) }
        let links = StageLinks.all(layout, writesTransfers: writesTransfers)
        try DeadlockCheck(schedule: self, layout: layout, links: links).run()
        return ValidationReport(peakActivations: peaks)
    }

    /// Whether the schedule has one chain and is not valid, but its rows are valid with two chains of equal length.
    package var isValidAsTwoChains: Bool {
        guard chains.count == 1, (try? validate()) == nil, let two = grouped(intoChains: 2) else { return false }
        return (try? two.validate()) != nil
    }

    /// Checks that the chains number the stages in order and place them on existing ranks. O(stages).
    package func checkChains() throws(ScheduleError) {
        var nextStage = 0
        for (index, chain) in chains.enumerated() {
            guard chain.stages.lowerBound == nextStage, !chain.stages.isEmpty else {
                throw ScheduleError(
                    .malformedChains(
                        "chain \(index) has stages \(chain.stages): give it at least one stage, the first being "
                            + "\(nextStage)"))
            }
            nextStage = chain.stages.upperBound
            guard chain.ranks.count == chain.stages.count else {
                throw ScheduleError(
                    .malformedChains(
                        "chain \(index) has stages \(chain.stages) and ranks \(chain.ranks): give one rank per stage"))
            }
            for (stage, rank) in zip(chain.stages, chain.ranks) where !rows.indices.contains(rank) {
                throw ScheduleError(
                    .malformedChains("stage \(stage) is on rank \(rank), but the number of ranks is \(rankCount)"))
            }
            guard chain.microbatchCount > 0 else {
                throw ScheduleError(.malformedChains("chain \(index) has no micro-batches: give it at least 1"))
            }
        }
        guard nextStage > 0 else {
            throw ScheduleError(.malformedChains("the schedule has no stages: give at least one chain"))
        }
    }

    /// Returns the layout. A table of all cells is allocated only if the rows have enough forwards to fill it, so an
    /// absurd micro-batch number in a file costs no memory.
    private func checkedLayout() throws(ScheduleError) -> StageLayout {
        try checkChains()
        let stageCount = stageCount
        var forwards = [Int](repeating: 0, count: stageCount)
        for row in rows {
            for step in row {
                step.forEachAction { action in
                    if action.kind == .forward, action.stage < stageCount { forwards[action.stage] += 1 }
                }
            }
        }
        for chain in chains {
            for stage in chain.stages where forwards[stage] < chain.microbatchCount {
                throw ScheduleError(.missing(firstMissingForward(of: stage)), rank: chain.rank(ofStage: stage))
            }
        }
        return StageLayout(chains)
    }

    private func firstMissingForward(of stage: Int) -> Action {
        var found: Set<Int> = []
        for row in rows {
            for step in row {
                step.forEachAction { action in
                    if action.kind == .forward, action.stage == stage { found.insert(action.microbatch) }
                }
            }
        }
        let microbatch = (0...found.count).first { !found.contains($0) } ?? 0
        return Action(.forward, stage: stage, microbatch: microbatch)
    }
}
