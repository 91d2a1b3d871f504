import PipelineSchedules

extension Schedule {
    /// The layout, once it is sure that no action names what the chains do not have.
    ///
    /// A schedule that the simulation could not look up is validated, which names its fault.
    func checkedForSimulation() throws(ScheduleFault) -> StageLayout {
        guard hasPossibleChains else {
            try validate()
            preconditionFailure("a valid schedule has possible chains")
        }
        let layout = StageLayout(chains)
        for row in rows {
            for step in row where !layout.has(step) {
                try validate()
                preconditionFailure("a valid schedule names no stage or micro-batch that does not exist")
            }
        }
        return layout
    }

    private var hasPossibleChains: Bool {
        var nextStage = 0
        var cells = 0
        for chain in chains {
            guard chain.stages.lowerBound == nextStage, !chain.stages.isEmpty, chain.microbatchCount > 0,
                chain.ranks.allSatisfy(rows.indices.contains)
            else { return false }
            nextStage = chain.stages.upperBound
            let (product, isOverflowing) = chain.stages.count.multipliedReportingOverflow(by: chain.microbatchCount)
            if isOverflowing { return false }
            cells += product
        }
        // Every cell has a forward, so that a wild micro-batch number in a file costs no memory.
        return nextStage > 0 && cells <= actionCount
    }
}

extension StageLayout {
    fileprivate func has(_ step: Step) -> Bool {
        (step.firstBits == 0 || has(Action(bits: step.firstBits)))
            && (step.secondBits == 0 || has(Action(bits: step.secondBits)))
    }

    @inline(__always)
    private func has(_ action: Action) -> Bool {
        action.stage < stageCount && (!action.kind.hasMicrobatch || action.microbatch < microbatchCounts[action.stage])
    }
}
