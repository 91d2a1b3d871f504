/// The placement of a schedule's stages on its ranks, as flat tables for loops over all actions.
package struct StageLayout: Sendable {
    /// The rank of each stage.
    package let ranks: [Int]
    /// The chain of each stage.
    package let chains: [Int]
    /// The stage that feeds each stage, or -1 for the first of a chain.
    package let previous: [Int]
    /// The stage that each stage feeds, or -1 for the last of a chain.
    package let next: [Int]
    /// The number of micro-batches that pass through each stage.
    package let microbatchCounts: [Int]
    /// The index of each stage's first cell in a table of all (stage, micro-batch) cells.
    package let cellOffsets: [Int]
    /// The number of (stage, micro-batch) cells.
    package let cellCount: Int

    package var stageCount: Int { ranks.count }

    /// The layout of a schedule's chains.
    ///
    /// - Precondition: The chains number the stages from 0 without a gap.
    package init(_ chains: [Chain]) {
        var nextStage = 0
        for chain in chains {
            precondition(chain.stages.lowerBound == nextStage, "chains must number the stages without a gap")
            nextStage = chain.stages.upperBound
        }
        ranks = chains.flatMap(\.ranks)
        self.chains = chains.enumerated().flatMap { repeatElement($0, count: $1.stages.count) }
        previous = chains.flatMap { chain in chain.stages.map { $0 == chain.stages.lowerBound ? -1 : $0 - 1 } }
        next = chains.flatMap { chain in chain.stages.map { $0 == chain.stages.upperBound - 1 ? -1 : $0 + 1 } }
        microbatchCounts = chains.flatMap { repeatElement($0.microbatchCount, count: $0.stages.count) }
        var cells = 0
        cellOffsets = microbatchCounts.map { count in
            defer { cells += count }
            return cells
        }
        cellCount = cells
    }

    /// Returns the stages of each rank, in ascending order.
    package func stagesOfRank(rankCount: Int) -> [[Int]] {
        var stages = [[Int]](repeating: [], count: rankCount)
        for stage in ranks.indices { stages[ranks[stage]].append(stage) }
        return stages
    }

    /// Returns the index of an action's (stage, micro-batch) in a table of all cells.
    @inline(__always) package func cell(_ action: Action) -> Int { cellOffsets[action.stage] + action.microbatch }
}
