/// How the stages of a schedule lie on its ranks: one flat table for the loops over all actions.
package struct StageLayout: Sendable {
    /// The rank of each stage.
    package let ranks: [Int]
    /// The chain of each stage.
    package let chains: [Int]
    /// The stage that feeds each stage, or -1 for the first of a chain.
    package let previous: [Int]
    /// The stage that each stage feeds, or -1 for the last of a chain.
    package let next: [Int]
    /// How many micro-batches pass through each stage.
    package let microbatchCounts: [Int]
    /// Where each stage's cells begin in a table of all (stage, micro-batch) cells.
    package let cellOffsets: [Int]
    /// How many (stage, micro-batch) cells there are.
    package let cellCount: Int

    package var stageCount: Int { ranks.count }

    /// - Precondition: the chains number the stages from 0 without a gap.
    package init(_ chains: [Chain]) {
        var ranks: [Int] = []
        var chainOfStage: [Int] = []
        var previous: [Int] = []
        var next: [Int] = []
        var counts: [Int] = []
        var offsets: [Int] = []
        var cells = 0
        for (index, chain) in chains.enumerated() {
            precondition(chain.stages.lowerBound == ranks.count, "chains must number the stages without a gap")
            for stage in chain.stages {
                ranks.append(chain.rank(ofStage: stage))
                chainOfStage.append(index)
                previous.append(stage == chain.stages.lowerBound ? -1 : stage - 1)
                next.append(stage == chain.stages.upperBound - 1 ? -1 : stage + 1)
                counts.append(chain.microbatchCount)
                offsets.append(cells)
                cells += chain.microbatchCount
            }
        }
        self.ranks = ranks
        self.chains = chainOfStage
        self.previous = previous
        self.next = next
        microbatchCounts = counts
        cellOffsets = offsets
        cellCount = cells
    }

    /// The stages of each rank, in ascending order.
    package func stagesOfRank(rankCount: Int) -> [[Int]] {
        var stages = [[Int]](repeating: [], count: rankCount)
        for stage in ranks.indices { stages[ranks[stage]].append(stage) }
        return stages
    }

    /// The index of (stage, micro-batch) in a table of all cells.
    @inline(__always)
    package func cell(_ action: Action) -> Int { cellOffsets[action.stage] + action.microbatch }
}
