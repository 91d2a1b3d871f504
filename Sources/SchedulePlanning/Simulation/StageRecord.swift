import PipelineSchedules

/// Everything that the simulation's loop needs to know of a stage, side by side.
struct StageRecord {
    /// Where the stage's cells begin.
    var cells: Int
    /// Where the cells of the previous and the next stage begin, or -1.
    var previousCells: Int
    var nextCells: Int
    /// The ranks that wait for the stage's forward and backward, or -1.
    var nextRank: Int
    var previousRank: Int
    /// How long a value takes from the previous stage and from the next.
    var forwardTransfer: Int64
    var backwardTransfer: Int64
    var microbatchCount: Int
    var costs: StageCosts

    static func all(_ layout: StageLayout, _ costs: PipelineCosts) -> [StageRecord] {
        (0..<layout.stageCount).map { stage in
            let (previous, next) = (layout.previous[stage], layout.next[stage])
            let rank = layout.ranks[stage]
            return StageRecord(
                cells: layout.cellOffsets[stage], previousCells: previous < 0 ? -1 : layout.cellOffsets[previous],
                nextCells: next < 0 ? -1 : layout.cellOffsets[next],
                nextRank: next < 0 ? -1 : layout.ranks[next], previousRank: previous < 0 ? -1 : layout.ranks[previous],
                forwardTransfer: previous < 0 ? 0 : costs.transfer(from: layout.ranks[previous], to: rank),
                backwardTransfer: next < 0 ? 0 : costs.transfer(from: layout.ranks[next], to: rank),
                microbatchCount: layout.microbatchCounts[stage], costs: costs.stage(stage))
        }
    }
}
