extension Schedule {
    /// What a schedule is for.
    public enum Purpose: Hashable, Sendable {
        /// Every micro-batch runs forward and backward.
        case training
        /// Every micro-batch runs forward alone.
        case evaluation
    }

    /// What is known of a schedule once it is proven right.
    public struct ValidationReport: Hashable, Sendable {
        /// The most activations that each rank holds at once, one for each (stage, micro-batch) from the start of its
        /// forward to the end of its last backward part (B or W).
        public let peakActivations: [Int]
    }

    /// Proves that the schedule runs and computes every gradient exactly once, or names the first fault.
    ///
    /// Checked: every (stage, micro-batch) runs forward once and backward once, as B or as I and W, on the rank that
    /// holds the stage, in an order that no rank waits in for ever; overlapped pairs are independent; transfers, where
    /// they are written, are all there, in place, and in one order at both ends.
    ///
    /// - Throws: ``ScheduleError``.
    /// - Complexity: O(actions) time; one byte a (stage, micro-batch) twice over.
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

    /// Checks that the chains number the stages and lie on ranks that there are. O(stages).
    package func checkChains() throws(ScheduleError) {
        var nextStage = 0
        for (index, chain) in chains.enumerated() {
            guard chain.stages.lowerBound == nextStage, !chain.stages.isEmpty else {
                throw ScheduleError(
                    .malformedChains("chain \(index) has stages \(chain.stages), but stages count on from \(nextStage)")
                )
            }
            nextStage = chain.stages.upperBound
            for (stage, rank) in zip(chain.stages, chain.ranks) where !rows.indices.contains(rank) {
                throw ScheduleError(
                    .malformedChains("stage \(stage) is on rank \(rank), but there are \(rankCount) ranks"))
            }
            guard chain.microbatchCount > 0 else {
                throw ScheduleError(.malformedChains("chain \(index) has no micro-batches: it needs at least 1"))
            }
        }
        guard nextStage > 0 else { throw ScheduleError(.malformedChains("the schedule has no stages")) }
    }

    /// The layout; a table of all cells is only made where the rows could fill it, so that a wild micro-batch number in
    /// a file costs no memory.
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
