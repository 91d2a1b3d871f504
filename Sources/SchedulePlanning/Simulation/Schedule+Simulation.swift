import PipelineSchedules

extension Schedule {
    /// The layout, once it is sure that the chains can be simulated; what the actions name is checked where they run.
    ///
    /// A schedule whose chains could not be looked up is validated, which names its fault.
    func layoutForSimulation() throws(ScheduleError) -> StageLayout {
        guard hasPossibleChains else {
            try validate()
            preconditionFailure("a valid schedule has possible chains")
        }
        return StageLayout(chains)
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
        return nextStage > 0 && cells <= 2 * rows.reduce(0) { $0 + $1.count }
    }
}
